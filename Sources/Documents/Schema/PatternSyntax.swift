/// Turns RE2's syntax (github.com/google/re2/wiki/Syntax) into ICU's, so that both match the same texts.
///
/// The two differ in `$` (the end of the text, or before a last newline as well), `.` (all but `\n`, or no line end), `\d`
/// and its like (ASCII, or Unicode), sets inside of classes, possessive quantifiers and look-around. The first three are
/// written out; the rest, and whatever our CRDs have no use for, is refused.
struct PatternSyntax {
    struct Unsupported: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private var rest: Substring.UnicodeScalarView
    private var result = ""

    /// - Throws: for syntax that is not in both, or that is not needed.
    static func translation(of source: String) throws(Unsupported) -> String {
        var syntax = PatternSyntax(rest: Substring(source).unicodeScalars)
        while let scalar = syntax.rest.popFirst() { try syntax.item(scalar) }
        return syntax.result
    }

    private init(rest: Substring.UnicodeScalarView) { self.rest = rest }

    private mutating func item(_ scalar: Unicode.Scalar) throws(Unsupported) {
        switch scalar {
        case "\\": try escape(isInClass: false)
        case "[": try characterClass()
        case ".": result += "[^\\n]"
        case "$": result += "\\z"
        case "(":
            result += "("
            guard rest.first == "?" else { return }
            guard rest.starts(with: "?:".unicodeScalars) else {
                throw Unsupported(description: "of the groups that begin with (? only (?: is supported")
            }
            rest = rest.dropFirst(2)
            result += "?:"
        case "*", "+", "?":
            result.unicodeScalars.append(scalar)
            try endQuantifier()
        case "{": try repetition()
        case "}", "]": throw Unsupported(description: "\(scalar) must be written \\\(scalar)")
        default: result.unicodeScalars.append(scalar)
        }
    }

    private mutating func repetition() throws(Unsupported) {
        let counts = rest.prefix { $0 != "}" }
        let numbers = String(counts).split(separator: ",", omittingEmptySubsequences: false)
        let isRange = numbers.count == 1 || (numbers.count == 2 && (numbers[1].isEmpty || Int(numbers[1]) != nil))
        guard isRange, Int(numbers[0]) != nil, numbers.allSatisfy({ (Int($0) ?? 0) <= 1000 }),
            rest.dropFirst(counts.count).first == "}"
        else { throw Unsupported(description: "{\(counts) is no repetition of at most 1000") }
        rest = rest.dropFirst(counts.count + 1)
        result += "{\(String(counts))}"
        try endQuantifier()
    }

    /// A quantifier may be lazy; RE2 knows no possessive ones and no quantifiers of quantifiers.
    private mutating func endQuantifier() throws(Unsupported) {
        if rest.first == "?" {
            rest.removeFirst()
            result += "?"
        }
        if let next = rest.first, "*+?{".unicodeScalars.contains(next) {
            throw Unsupported(description: "two quantifiers stand in a row")
        }
    }

    private mutating func characterClass() throws(Unsupported) {
        result += "["
        if rest.first == "^" {
            rest.removeFirst()
            result += "^"
        }
        guard rest.first != "]" else { throw Unsupported(description: "a class is empty, or begins with ]") }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "]":
                result += "]"
                return
            case "\\": try escape(isInClass: true)
            case "[": throw Unsupported(description: "inside of a class, [ must be written \\[")
            case "-", "&":
                guard rest.first != scalar else {
                    throw Unsupported(description: "\(scalar)\(scalar) stands in a class")
                }
                result += scalar == "-" ? "-" : "\\&"
            case _ where scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar):
                result += scalar.value < 0x20 ? "\(scalar)" : "\\\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
        }
        throw Unsupported(description: "a class has no end")
    }

    private mutating func escape(isInClass: Bool) throws(Unsupported) {
        guard let letter = rest.popFirst() else { throw Unsupported(description: "it ends in \\") }
        if let set = PatternSyntax.sets[letter] {
            result += isInClass ? set : "[\(set)]"
        } else if let set = PatternSyntax.sets[Unicode.Scalar(UInt8(truncatingIfNeeded: letter.value | 0x20))],
            !isInClass, letter.isASCII
        {
            result += "[^\(set)]"
        } else if letter == "x" {
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(digits), radix: 16), value < 0x80 else {
                throw Unsupported(description: "\\x takes two hexadecimal digits, up to 7F")
            }
            rest = rest.dropFirst(2)
            result += "\\x" + String(digits)
        } else if "nrtf".unicodeScalars.contains(letter) {
            result += "\\\(letter)"
        } else if letter.isASCII, letter.properties.isPatternSyntax {
            result += "\\\(letter)"
        } else {
            throw Unsupported(description: "\\\(letter) is not supported")
        }
    }

    /// What ICU is given for RE2's classes.
    private static let sets: [Unicode.Scalar: String] = ["d": "0-9", "w": "0-9A-Za-z_", "s": "\\t\\n\\f\\r "]
}
