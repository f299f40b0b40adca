extension JSON {
    /// A value as its members, for what is kept outside of the process.
    /// - Throws: What the value's own `encode(to:)` throws.
    public init(encoding value: some Encodable) throws {
        let box = JSONBox()
        try value.encode(to: JSONEncoding(box: box, codingPath: []))
        self = box.json
    }

    /// The value back from what `init(encoding:)` made of it.
    /// - Returns: The value.
    /// - Throws: `DecodingError` where this is no such value.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try Value(from: JSONDecoding(json: self, codingPath: []))
    }
}

/// Where a part of the value is put together.
private final class JSONBox {
    enum Content {
        case json(JSON)
        case members([(String, JSONBox)])
        case elements([JSONBox])
    }

    var content = Content.json(.null)

    var json: JSON {
        switch content {
        case .json(let json): json
        case .members(let members): .object(JSONObject(unique: members.map { .init($0.0, $0.1.json) }))
        case .elements(let elements): .array(elements.map(\.json))
        }
    }

    func member(_ key: String) -> JSONBox {
        let box = JSONBox()
        if case .members(var members) = content {
            content = .json(.null)
            members.append((key, box))
            content = .members(members)
        } else {
            content = .members([(key, box)])
        }
        return box
    }

    func element() -> JSONBox {
        let box = JSONBox()
        if case .elements(var elements) = content {
            content = .json(.null)
            elements.append(box)
            content = .elements(elements)
        } else {
            content = .elements([box])
        }
        return box
    }
}

private struct JSONEncoding: Encoder {
    let box: JSONBox
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .members = box.content {} else { box.content = .members([]) }
        return KeyedEncodingContainer(Keyed(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .elements = box.content {} else { box.content = .elements([]) }
        return Unkeyed(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(box: box, codingPath: codingPath) }

    static func json(_ value: some Encodable) -> JSON? {
        switch value {
        case let value as String: .string(value)
        case let value as Int: .integer(value)
        case let value as Bool: .bool(value)
        case let value as Double: .number(value)
        case let value as JSON: value
        case let value as UInt64: .string(String(value))
        default: nil
        }
    }

    struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let box: JSONBox
        let codingPath: [any CodingKey]

        mutating func encodeNil(forKey key: Key) throws { box.member(key.stringValue).content = .json(.null) }

        mutating func encode(_ value: some Encodable, forKey key: Key) throws {
            let member = box.member(key.stringValue)
            if let json = JSONEncoding.json(value) { return member.content = .json(json) }
            try value.encode(to: JSONEncoding(box: member, codingPath: codingPath + [key]))
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            JSONEncoding(box: box.member(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            JSONEncoding(box: box.member(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
        }

        mutating func superEncoder() -> any Encoder {
            JSONEncoding(box: box.member("super"), codingPath: codingPath)
        }

        mutating func superEncoder(forKey key: Key) -> any Encoder {
            JSONEncoding(box: box.member(key.stringValue), codingPath: codingPath + [key])
        }
    }

    struct Unkeyed: UnkeyedEncodingContainer {
        let box: JSONBox
        let codingPath: [any CodingKey]
        var count = 0

        init(box: JSONBox, codingPath: [any CodingKey]) { (self.box, self.codingPath) = (box, codingPath) }

        private mutating func next() -> JSONEncoding {
            count += 1
            return JSONEncoding(box: box.element(), codingPath: codingPath)
        }

        mutating func encodeNil() throws { next().box.content = .json(.null) }

        mutating func encode(_ value: some Encodable) throws {
            let element = next()
            if let json = JSONEncoding.json(value) { return element.box.content = .json(json) }
            try value.encode(to: element)
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> { next().container(keyedBy: type) }

        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
        mutating func superEncoder() -> any Encoder { next() }
    }

    struct Single: SingleValueEncodingContainer {
        let box: JSONBox
        let codingPath: [any CodingKey]

        mutating func encodeNil() throws { box.content = .json(.null) }

        mutating func encode(_ value: some Encodable) throws {
            if let json = JSONEncoding.json(value) { return box.content = .json(json) }
            try value.encode(to: JSONEncoding(box: box, codingPath: codingPath))
        }
    }
}

private struct JSONDecoding: Decoder {
    let json: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = json.object else { throw Self.mismatch("object", codingPath) }
        return KeyedDecodingContainer(Keyed(object: object, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = json.array else { throw Self.mismatch("array", codingPath) }
        return Unkeyed(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        Single(json: json, codingPath: codingPath)
    }

    static func mismatch(_ wanted: String, _ path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: "no \(wanted)"))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ json: JSON, _ path: [any CodingKey]) throws -> Value {
        let plain: Any? =
            switch type {
            case is String.Type: json.string
            case is Int.Type: json.int
            case is Bool.Type: json.bool
            case is Double.Type: json.double
            case is UInt64.Type: json.string.flatMap { UInt64($0) }
            case is JSON.Type: json
            default: nil
            }
        if let value = plain as? Value { return value }
        return try Value(from: JSONDecoding(json: json, codingPath: path))
    }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let object: JSONObject
        let codingPath: [any CodingKey]
        var allKeys: [Key] { object.keys.compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool { object[key.stringValue] != nil }
        func decodeNil(forKey key: Key) throws -> Bool { object[key.stringValue]?.isNull ?? true }

        private func member(_ key: Key) throws -> JSON {
            guard let json = object[key.stringValue] else {
                throw JSONDecoding.mismatch("member '\(key.stringValue)'", codingPath)
            }
            return json
        }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try JSONDecoding.decode(type, member(key), codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try JSONDecoding(json: member(key), codingPath: codingPath + [key]).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try JSONDecoding(json: member(key), codingPath: codingPath + [key]).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder {
            JSONDecoding(json: object["super"] ?? .null, codingPath: codingPath)
        }

        func superDecoder(forKey key: Key) throws -> any Decoder {
            JSONDecoding(json: try member(key), codingPath: codingPath + [key])
        }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let elements: [JSON]
        let codingPath: [any CodingKey]
        var currentIndex = 0
        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex >= elements.count }

        init(elements: [JSON], codingPath: [any CodingKey]) {
            (self.elements, self.codingPath) = (elements, codingPath)
        }

        private mutating func next() throws -> JSON {
            guard !isAtEnd else { throw JSONDecoding.mismatch("further element", codingPath) }
            defer { currentIndex += 1 }
            return elements[currentIndex]
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, elements[currentIndex].isNull else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoding.decode(type, next(), codingPath)
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try JSONDecoding(json: next(), codingPath: codingPath).container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try JSONDecoding(json: next(), codingPath: codingPath).unkeyedContainer()
        }

        mutating func superDecoder() throws -> any Decoder {
            JSONDecoding(json: try next(), codingPath: codingPath)
        }
    }

    struct Single: SingleValueDecodingContainer {
        let json: JSON
        let codingPath: [any CodingKey]

        func decodeNil() -> Bool { json.isNull }
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            let plain: Any? =
                switch type {
                case is String.Type: json.string
                case is Int.Type: json.int
                case is Bool.Type: json.bool
                case is Double.Type: json.double
                case is UInt64.Type: json.string.flatMap { UInt64($0) }
                default: nil
                }
            if let value = plain as? Value { return value }
            if type is String.Type || type is Int.Type || type is Bool.Type || type is Double.Type {
                throw JSONDecoding.mismatch("value of \(type)", codingPath)
            }
            return try Value(from: JSONDecoding(json: json, codingPath: codingPath))
        }
    }
}
