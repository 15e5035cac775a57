/// The character behind a syntax error, where libyaml's words do not name it.
struct SyntaxCause {
    let position: Position
    let reason: String
    let remedy: String

    /// nil where no single character explains the error.
    ///
    /// - Parameters:
    ///   - problem: libyaml's words.
    ///   - place: where libyaml found it.
    init?(problem: String, at place: Position, in text: ArraySlice<UInt8>) {
        let line = SyntaxCause.line(place.line, of: text)
        let scalar = line.dropFirst(place.column - 1).first
        if problem.contains("cannot start any token") || problem.contains("tab character"), let scalar {
            position = place
            if scalar == "\t" {
                (reason, remedy) = ("a tab, which YAML does not take as indentation", "indent with spaces")
            } else {
                reason = "nothing can begin with \(quoted(String(scalar))) here"
                remedy = "put the value in quotes"
            }
            return
        }
        // A false space joins what it stands between to one word; libyaml notices on the line, or on the next one.
        for number in [place.line, place.line - 1] where number > 0 {
            let line = number == place.line ? line : SyntaxCause.line(number, of: text)
            guard let index = line.firstIndex(where: \.isFalseSpace) else { continue }
            position = Position(line: number, column: index + 1)
            reason = "the character \(line[index].codePoint) looks like a space and is a letter to YAML"
            remedy = "write a plain space"
            return
        }
        return nil
    }

    /// The characters of a line, counted as `position(ofByte:in:)` counts them; at most a thousand.
    private static func line(_ number: Int, of text: ArraySlice<UInt8>) -> [Unicode.Scalar] {
        var current = 1
        var start = text.startIndex
        var previous: UInt8 = 0
        for index in text.indices where current < number {
            let byte = text[index]
            if byte == 0x0a || byte == 0x0d {
                if !(byte == 0x0a && previous == 0x0d) { current += 1 }
                start = index + 1
            }
            previous = byte
        }
        if start < text.endIndex, text[start] == 0x0a, previous == 0x0d { start += 1 }
        let bytes = text[start...].prefix(4096).prefix { $0 != 0x0a && $0 != 0x0d }
        return Array(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(1000))
    }
}
