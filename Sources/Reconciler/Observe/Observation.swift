/// What is known of a thing: it is so, it is not there, or it could not be found out.
///
/// Unknown is never absent.
public enum Observation<Value> {
    case found(Value)
    case absent
    /// Says why, for people.
    case unknown(String)
}

extension Observation: Sendable where Value: Sendable {}
extension Observation: Equatable where Value: Equatable {}
extension Observation: Hashable where Value: Hashable {}
extension Observation: Codable where Value: Codable {}

extension Observation {
    public var value: Value? {
        if case .found(let value) = self { value } else { nil }
    }

    public func map<Other>(_ transform: (Value) -> Other) -> Observation<Other> {
        switch self {
        case .found(let value): .found(transform(value))
        case .absent: .absent
        case .unknown(let reason): .unknown(reason)
        }
    }
}
