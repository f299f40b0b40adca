/// A Mesos duration such as `5mins`, `500ms` or `1.5hrs`; compared by length, so `60secs` is `1mins` (mesos-zk-ops.md 4.3).
public struct MesosDuration: Hashable, Sendable, Comparable {
    public var nanoseconds: Double

    /// nil where `text` is no number directly followed by one of `ns us ms secs mins hrs days weeks`.
    public init?(_ text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        guard let amount = Double(number), let unit = Self.units[String(text[number.endIndex...])] else { return nil }
        nanoseconds = amount * unit
    }

    public static func < (a: MesosDuration, b: MesosDuration) -> Bool { a.nanoseconds < b.nanoseconds }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "ms": 1e6, "secs": 1e9, "mins": 6e10, "hrs": 3.6e12, "days": 8.64e13, "weeks": 6.048e14,
    ]
}
