import FoundationEssentials

/// A value written and read, as a saved world does it.
enum Saved {
    static func copy<Value: Codable>(of value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
    }
}
