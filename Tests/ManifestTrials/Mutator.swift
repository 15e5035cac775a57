/// Makes small changes to a manifest, the same ones for the same seed.
public struct Mutator {
    private var random: SplitMix64
    /// Texts to take pieces from.
    private let sources: [[UInt8]]

    public init(seed: UInt64, sources: [[UInt8]]) {
        random = SplitMix64(state: seed)
        self.sources = sources
    }

    /// One to four changes: of bytes, lines, tokens or structure.
    public mutating func mutate(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1: changeBytes(of: &text)
            case 2...4: changeLines(of: &text)
            case 5...7: changeToken(of: &text)
            default: changeStructure(of: &text)
            }
        }
        return text
    }

    private mutating func index(in text: [UInt8]) -> Int { Int.random(in: 0...text.count, using: &random) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    private mutating func changeBytes(of text: inout [UInt8]) {
        let start = index(in: text)
        let end = min(text.count, start + Int.random(in: 0...4, using: &random))
        let odd: [[UInt8]] = [
            [], [0], [0xff], [0x09], [0x0d], [0x0a], [0xc2, 0x85], [0xe2, 0x80, 0xa8], [0xef, 0xbb, 0xbf], [0x7f],
            [0xc3, 0xa9], [UInt8.random(in: .min ... .max, using: &random)],
        ]
        if Bool.random(using: &random), start < text.count {
            text[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        } else {
            text.replaceSubrange(start..<end, with: pick(odd))
        }
    }

    private mutating func changeLines(of text: inout [UInt8]) {
        var lines = text.split(separator: 0x0a, omittingEmptySubsequences: false).map { [UInt8]($0) }
        let at = Int.random(in: lines.indices, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: lines.remove(at: at)
        case 1: lines.insert(lines[at], at: Int.random(in: lines.indices, using: &random))
        case 2: lines.swapAt(at, Int.random(in: lines.indices, using: &random))
        case 3: lines[at].insert(contentsOf: [0x20, 0x20], at: 0)
        case 4: lines[at].removeFirst(min(2, lines[at].prefix { $0 == 0x20 }.count))
        case 5: lines.removeLast(lines.count - at)
        default: lines.removeFirst(at)
        }
        text = [UInt8](lines.joined(separator: [0x0a]))
    }

    /// A word becomes another: one of the same text, or one that YAML has its own ideas of.
    private mutating func changeToken(of text: inout [UInt8]) {
        let words = Mutator.words(in: text)
        guard !words.isEmpty else { return }
        let word = pick(words)
        let other =
            Bool.random(using: &random) ? [UInt8](text[pick(words)]) : [UInt8](pick(Mutator.tokens).utf8)
        text.replaceSubrange(word, with: other)
    }

    private mutating func changeStructure(of text: inout [UInt8]) {
        let separator = [UInt8]("\n---\n".utf8)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: text += separator + pick(sources)
        case 1: text = pick(sources) + separator + text
        case 2: text += separator + text
        case 3:
            let source = pick(sources)
            let start = index(in: source)
            let piece = source[start..<min(source.count, start + Int.random(in: 1...80, using: &random))]
            text.insert(contentsOf: piece, at: index(in: text))
        default: text.insert(contentsOf: pick(Mutator.marks).utf8, at: index(in: text))
        }
    }

    private static func words(in text: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        for (index, byte) in (text + [0x0a]).enumerated() where Array(" \n:,[]{}\"".utf8).contains(byte) {
            if start < index { words.append(start..<index) }
            start = index + 1
        }
        return words
    }

    private static let tokens = [
        "no", "yes", "~", "null", "1.10", "12:34:56", "1e999", "0o17", "-1", "65536", "18446744073709551616", "\"\"",
        "''", "Node", "Overlay", "Gateway", "name", "spec", "metadata", "privateKey", "10.20.0.1", "10.20.0.2",
        "0.0.0.0/0", "fd20::1", "a-name-that-is-much-longer-than-sixty-three-characters-are-allowed-to-be",
    ]
    private static let marks = [
        "&a ", "*a ", "!!str ", "!x ", "<<: ", "? ", "- ", ": ", "|\n", ">\n", "[", "]", "{", "}", "\"", "'", "#", "\t",
        "---\n", "...\n", "%YAML 1.1\n", "{{ .Values.x }}", "\r\n", "\\x00", "@", "`",
    ]
}

/// A small generator that gives the same numbers everywhere (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
