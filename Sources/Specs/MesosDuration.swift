/// A length of time as Mesos writes it, such as `5mins`; compared by length, so `60secs` equals `1mins`.
///
/// The grammar is stout's: a decimal number directly followed by a unit (mesos-zk-ops.md 4.3).
public struct MesosDuration: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func seconds(_ count: Int64) -> MesosDuration { MesosDuration(nanoseconds: count * 1_000_000_000) }
    public static func minutes(_ count: Int64) -> MesosDuration { .seconds(count * 60) }

    /// `text` as a duration; nil where Mesos would refuse it, also for more than about 292 years.
    public init?(_ text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = text.dropFirst(number.count)
        guard let unit = Unit.allCases.first(where: { $0.rawValue == name }) else { return nil }
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, !head.isEmpty, let whole = Int64(head) else { return nil }
        let (base, overflows) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
        guard !overflows else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard !parts[1].isEmpty, let digits = MesosDuration.fraction(parts[1], of: unit) else { return nil }
            fraction = digits
        }
        let (sum, tooLong) = base.addingReportingOverflow(fraction)
        guard !tooLong else { return nil }
        nanoseconds = sum
    }

    public static func < (a: MesosDuration, b: MesosDuration) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The form that Mesos itself prints: the longest unit that divides it, such as `5mins`, else nanoseconds.
    public var description: String {
        let unit = nanoseconds == 0 ? nil : Unit.allCases.last { nanoseconds % $0.nanoseconds == 0 }
        return unit.map { "\(nanoseconds / $0.nanoseconds)\($0.rawValue)" } ?? "\(nanoseconds)ns"
    }

    /// The unit names that are understood, shortest unit first.
    public static var unitNames: [String] { Unit.allCases.map(\.rawValue) }

    private enum Unit: String, CaseIterable {
        case nanoseconds = "ns"
        case microseconds = "us"
        case milliseconds = "ms"
        case seconds = "secs"
        case minutes = "mins"
        case hours = "hrs"
        case days, weeks

        var nanoseconds: Int64 {
            switch self {
            case .nanoseconds: 1
            case .microseconds: 1_000
            case .milliseconds: 1_000_000
            case .seconds: 1_000_000_000
            case .minutes: 60_000_000_000
            case .hours: 3_600_000_000_000
            case .days: 86_400_000_000_000
            case .weeks: 604_800_000_000_000
            }
        }
    }

    /// The nanoseconds in `.digits` of a unit, what is shorter than one dropped.
    private static func fraction(_ digits: Substring, of unit: Unit) -> Int64? {
        var (sum, scale): (Int64, Int64) = (0, unit.nanoseconds)
        for digit in digits {
            guard let value = digit.wholeNumberValue else { return nil }
            scale /= 10
            sum += scale * Int64(value)
        }
        return sum
    }
}
