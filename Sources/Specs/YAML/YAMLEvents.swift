internal import CYaml

/// The events of a YAML text, one at a time, as libyaml finds them; the only type that touches its parser.
final class YAMLEvents {
    enum Event {
        case documentStart
        case documentEnd
        case streamEnd
        case alias(String)
        case scalar(YAMLNode.Scalar, anchor: String?, tag: String?)
        case sequenceStart(anchor: String?, tag: String?)
        case sequenceEnd
        case mappingStart(anchor: String?, tag: String?)
        case mappingEnd
    }

    private let source: SourceText
    /// Both stay where they are: the parser points into itself and into the input.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ source: SourceText) {
        self.source = source
        input = .allocate(capacity: source.bytes.count)
        _ = input.initialize(from: source.bytes)
        guard yaml_parser_initialize(parser) == 1 else { fatalError("libyaml: out of memory") }
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event and its place; the start of the stream is passed over.
    func next() throws(InvalidSpec) -> (event: Event, position: SourcePosition) {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw InvalidSpec(problem()) }
            defer { yaml_event_delete(&raw) }
            if let event = Event(raw) { return (event, position(raw.start_mark)) }
        }
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(file: source.file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func problem() -> Diagnostic {
        let parser = self.parser.pointee
        let message = parser.problem.map { String(cString: $0) } ?? "this is no YAML"
        // Where single characters are refused, libyaml gives a byte offset instead of a mark.
        if parser.error == YAML_READER_ERROR {
            return Diagnostic(.error, message, at: source.position(ofByte: min(parser.problem_offset, input.count)))
        }
        let place = position(parser.problem_mark)
        if let offset = source.offset(of: place), offset < source.bytes.count, source.bytes[offset] == 0x09 {
            return Diagnostic(.error, message, at: place, hint: "indent with spaces, not with tabs")
        }
        if let offset = source.offset(of: place), source.line(around: offset).contains("${") {
            return Diagnostic(.error, message, at: place, hint: "inside `{…}` and `[…]`, a text with `${` wants quotes")
        }
        guard let context = parser.context.map({ String(cString: $0) }) else {
            return Diagnostic(.error, message, at: place)
        }
        let start = parser.context_mark
        return Diagnostic(
            .error,
            message,
            at: place,
            hint: "\(context) that starts at \(start.line + 1):\(start.column + 1)"
        )
    }
}

extension YAMLEvents.Event {
    /// Nil for events that say nothing.
    fileprivate init?(_ raw: yaml_event_t) {
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT: self = .documentStart
        case YAML_DOCUMENT_END_EVENT: self = .documentEnd
        case YAML_STREAM_END_EVENT: self = .streamEnd
        case YAML_SEQUENCE_END_EVENT: self = .sequenceEnd
        case YAML_MAPPING_END_EVENT: self = .mappingEnd
        case YAML_ALIAS_EVENT:
            self = .alias(text(raw.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let data = raw.data.scalar
            let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
            let scalar = YAMLNode.Scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: data.style == YAML_PLAIN_SCALAR_STYLE
            )
            self = .scalar(scalar, anchor: text(data.anchor), tag: text(data.tag))
        case YAML_SEQUENCE_START_EVENT:
            let data = raw.data.sequence_start
            self = .sequenceStart(anchor: text(data.anchor), tag: text(data.tag))
        case YAML_MAPPING_START_EVENT:
            let data = raw.data.mapping_start
            self = .mappingStart(anchor: text(data.anchor), tag: text(data.tag))
        default: return nil
        }
    }
}

private func text(_ cString: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    cString.map { String(cString: $0) }
}
