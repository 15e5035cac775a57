/// One file of a snapshot of the manifest directory.
public struct ManifestFile: Hashable, Sendable {
    public enum Contents: Hashable, Sendable {
        case bytes([UInt8])
        /// There is a file, but it cannot be read: it keeps what it held.
        case unreadable(reason: String)
        /// Parsing it ended the daemon: it keeps what it held.
        case quarantined
    }

    /// Relative to the manifest directory.
    public var path: String
    public var contents: Contents

    public init(path: String, contents: Contents) {
        self.path = path
        self.contents = contents
    }

    /// The largest file that is read, in bytes: 1 MiB.
    public static let sizeLimit = 1 << 20

    /// The documents of this file; empty ones are left out.
    ///
    /// - Throws: what makes the whole file unusable: it cannot be read, is too long, is not UTF-8, has NUL bytes or a
    ///   YAML syntax error, or more documents or values than a file may hold. Mistakes of one document are in
    ///   `Document.errors`.
    public func documents() throws(ManifestError) -> [Document] {
        switch contents {
        case .unreadable(let reason): throw error("cannot be read: \(escaped(reason))", remedy: "make it readable")
        case .quarantined:
            throw error(
                "wgd died twice while it read this file, which is set aside until its contents change",
                remedy: "change it, and report it with the file")
        case .bytes(let bytes):
            guard bytes.count <= ManifestFile.sizeLimit else {
                throw error(
                    "the file has \(bytes.count) bytes, the limit is 1 MiB", remedy: "split it into several files")
            }
            if bytes.isUTF16 { throw error("the file is UTF-16", remedy: "save it as UTF-8") }
            let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
            if let offset = firstInvalidByte(of: text) {
                throw error(
                    "the file is not UTF-8", remedy: "save it as UTF-8", at: position(ofByte: offset, in: text))
            }
            if let offset = text.firstIndex(of: 0) {
                throw error(
                    "the file has a NUL byte", remedy: "save it as UTF-8 text",
                    at: position(ofByte: offset - text.startIndex, in: text))
            }
            if let offset = firstForeignLineBreak(in: text) {
                throw error(
                    "the file has a line separator (U+0085, U+2028 or U+2029), which ends a line to some programs and "
                        + "to others not", remedy: "end lines with LF; in double quotes write \\N, \\L or \\P",
                    at: position(ofByte: offset, in: text))
            }
            if let offset = excessiveDirective(in: text) {
                throw error(
                    "more than \(directiveLimit) lines begin with %", remedy: "remove the directives",
                    at: position(ofByte: offset, in: text))
            }
            var composer = try Composer(file: path, text: text)
            return try composer.documents()
        }
    }

    private func error(_ reason: String, remedy: String, at position: Position = .start) -> ManifestError {
        ManifestError(file: path, position: position, path: FieldPath(), reason: reason, remedy: remedy)
    }
}

extension Collection<UInt8> {
    /// Whether this is text in UTF-16, as some programs of Windows save it: by its byte order mark, or by the zero bytes of
    /// its first two characters.
    public var isUTF16: Bool {
        let head = Array(prefix(4))
        if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) { return true }
        guard head.count == 4 else { return false }
        let zeros = head.map { $0 == 0 }
        return zeros == [true, false, true, false] || zeros == [false, true, false, true]
    }
}

/// The offset of the first byte that is not UTF-8.
private func firstInvalidByte(of text: ArraySlice<UInt8>) -> Int? {
    if String(validating: text, as: UTF8.self) != nil { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var bytes = text.makeIterator()
    var offset = 0
    while true {
        switch parser.parseScalar(from: &bytes) {
        case .valid(let scalar): offset += scalar.count
        case .error: return offset
        case .emptyInput: return nil
        }
    }
}

/// The offset of the first character that ends a line in YAML 1.1 and not in YAML 1.2: U+0085, U+2028, U+2029.
private func firstForeignLineBreak(in text: ArraySlice<UInt8>) -> Int? {
    text.withUnsafeBufferPointer { bytes in
        // The text is UTF-8: what a first byte announces is there.
        for index in bytes.indices where bytes[index] == 0xc2 || bytes[index] == 0xe2 {
            let isNextLine = bytes[index] == 0xc2 && bytes[index + 1] == 0x85
            let isSeparator = bytes[index] == 0xe2 && bytes[index + 1] == 0x80 && bytes[index + 2] | 1 == 0xa9
            if isNextLine || isSeparator { return index }
        }
        return nil
    }
}

/// Directives of one file: libyaml compares each `%TAG` with all before, which takes seconds for a file full of them.
private let directiveLimit = 64

/// The offset of a line that begins with `%`, when too many have come before.
private func excessiveDirective(in text: ArraySlice<UInt8>) -> Int? {
    text.withUnsafeBufferPointer { bytes in
        var count = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
            guard index == 0 || bytes[index - 1] == 0x0a || bytes[index - 1] == 0x0d else { continue }
            count += 1
            if count > directiveLimit { return index }
        }
        return nil
    }
}

/// Counts as libyaml does: LF, CRLF and a lone CR end a line.
func position(ofByte offset: Int, in text: ArraySlice<UInt8>) -> Position {
    var (line, column) = (1, 1)
    var previous: UInt8 = 0
    for byte in text.prefix(offset) {
        if byte == 0x0a || byte == 0x0d {
            if !(byte == 0x0a && previous == 0x0d) { line += 1 }
            column = 1
        } else if byte & 0xc0 != 0x80 {
            column += 1
        }
        previous = byte
    }
    return Position(line: line, column: column)
}
