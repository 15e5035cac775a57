internal import CYAML

/// libyaml's parser as a source of events: pull one, copy what is needed, free it.
struct EventParser: ~Copyable {
    enum Event {
        case scalar(text: String, isPlain: Bool)
        case alias
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case documentStart
        case documentEnd
        case streamEnd
        /// The start of the stream, which says nothing.
        case other
    }

    struct Item {
        let event: Event
        let position: Position
        /// `!name` or `!!name`, which an author wrote before the node.
        let hasTag: Bool
        /// `%TAG` or `%YAML` before the document.
        let hasDirective: Bool
    }

    private let file: String
    private let bytes: ArraySlice<UInt8>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Copies the text: libyaml keeps a pointer into it.
    init(file: String, text bytes: ArraySlice<UInt8>) throws(ManifestError) {
        self.file = file
        self.bytes = bytes
        text = .allocate(capacity: max(bytes.count, 1))
        _ = text.update(fromContentsOf: bytes)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            throw ManifestError(
                file: file, position: .start, path: FieldPath(), reason: "no memory for the YAML parser", remedy: "")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event.
    ///
    /// - Throws: the file's syntax error, in libyaml's words.
    mutating func next() throws(ManifestError) -> Item {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&raw) }
        let position = Position(line: Int(raw.start_mark.line) + 1, column: Int(raw.start_mark.column) + 1)
        var hasTag = false
        var hasDirective = false
        let event: Event
        switch raw.type {
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            hasTag = scalar.tag != nil
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            event = .scalar(
                text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_ALIAS_EVENT: event = .alias
        case YAML_SEQUENCE_START_EVENT:
            hasTag = raw.data.sequence_start.tag != nil
            event = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: event = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            hasTag = raw.data.mapping_start.tag != nil
            event = .mappingStart
        case YAML_MAPPING_END_EVENT: event = .mappingEnd
        case YAML_DOCUMENT_START_EVENT:
            let start = raw.data.document_start
            hasDirective = start.tag_directives.start != start.tag_directives.end
            event = .documentStart
        case YAML_DOCUMENT_END_EVENT: event = .documentEnd
        case YAML_STREAM_END_EVENT: event = .streamEnd
        default: event = .other
        }
        return Item(event: event, position: position, hasTag: hasTag, hasDirective: hasDirective)
    }

    /// libyaml's problem texts are fixed: they quote nothing of the file.
    private func syntaxError() -> ManifestError {
        let parser = parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        let context = parser.context.map { " " + String(cString: $0) } ?? ""
        let place: Position
        if parser.error == YAML_READER_ERROR {
            place = position(ofByte: Int(parser.problem_offset), in: bytes)
        } else {
            let mark = parser.problem_mark
            // libyaml reads a line break behind the last line, where there need not be one.
            place = min(
                Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1),
                position(ofByte: bytes.count, in: bytes))
        }
        if let cause = SyntaxCause(problem: problem, at: place, in: bytes) {
            return ManifestError(
                file: file, position: cause.position, path: FieldPath(), reason: "YAML syntax error: \(cause.reason)",
                remedy: cause.remedy)
        }
        return ManifestError(
            file: file, position: place, path: FieldPath(), reason: "YAML syntax error\(context): \(problem)",
            remedy: "correct the YAML here or just above")
    }
}
