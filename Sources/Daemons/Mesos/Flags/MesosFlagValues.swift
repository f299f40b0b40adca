/// Checking of values, and the form in which `/flags` shows them.
///
/// Source: mesos 1.11.0, stout/flags/parse.hpp, duration.hpp, bytes.hpp.
extension MesosFlag.Kind {
    /// The value as the real daemon shows it, or what it complains about.
    func normalized(_ text: String) throws(MesosFlagError) -> String {
        switch self {
        case .text: return text
        case .boolean:
            switch text {
            case "true", "1": return "true"
            case "false", "0": return "false"
            default: throw MesosFlagError("Expecting a boolean (e.g., true or false)")
            }
        case .integer: return String(try converted(Int32(text)))
        case .count: return String(try converted(UInt64(text)))
        case .port: return String(try converted(UInt16(text)))
        case .number:
            let number = try converted(Double(text))
            return number == number.rounded() ? String(Int64(number)) : String(number)
        case .duration: return try MesosDuration(text).description
        case .bytes:
            let units = ["B", "KB", "MB", "GB", "TB"]
            let unit = text.drop { $0.isNumber }
            guard unit.count < text.count else { throw MesosFlagError("Invalid bytes '\(text)'") }
            guard units.contains(String(unit)) else { throw MesosFlagError("Unknown bytes unit '\(unit)'") }
            return text
        }
    }

    private func converted<Value>(_ value: Value?) throws(MesosFlagError) -> Value {
        guard let value else { throw MesosFlagError("Failed to convert into required type") }
        return value
    }
}

/// A duration in Mesos' notation: a number and a unit without a space, such as `5mins` or `1.5hrs`.
struct MesosDuration: Hashable, Sendable, Codable, CustomStringConvertible {
    let nanoseconds: Int64

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("weeks", 604_800_000_000_000), ("days", 86_400_000_000_000), ("hrs", 3_600_000_000_000),
        ("mins", 60_000_000_000), ("secs", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    init(_ text: String) throws(MesosFlagError) {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text.dropFirst(digits.count)
        guard !unit.isEmpty else { throw MesosFlagError("Invalid duration '\(text)'") }
        guard let value = Double(String(digits)) else {
            throw MesosFlagError("Failed to convert '\(digits)' to number")
        }
        guard let factor = Self.units.first(where: { $0.name == unit }) else {
            throw MesosFlagError(
                "Unknown duration unit '\(unit)'; supported units are 'ns', 'us', 'ms', 'secs', 'mins', 'hrs', 'days', "
                    + "and 'weeks'"
            )
        }
        let nanoseconds = value * Double(factor.nanoseconds)
        guard nanoseconds <= Double(Int64.max / 2) else {
            throw MesosFlagError("Argument out of the range that a Duration can represent due to int64_t's size limit")
        }
        self.nanoseconds = Int64(nanoseconds)
    }

    /// The largest unit that fits, or the next smaller one if only that gives a whole number: `60secs` is `1mins`.
    var description: String {
        let last = Self.units.count - 1
        let bucket = Self.units.firstIndex { nanoseconds >= $0.nanoseconds } ?? last
        for unit in Self.units[bucket...min(bucket + 1, last)] where nanoseconds % unit.nanoseconds == 0 {
            return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
        }
        let unit = Self.units[bucket]
        return "\(Double(nanoseconds) / Double(unit.nanoseconds))\(unit.name)"
    }
}

extension MesosDuration {
    var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
