/// A time of the week in which corrections may happen, such as `Mon-Fri 09:00-17:00` or `22:00-06:00`.
///
/// Local time of the machine that runs the loop, as cron's is. One that ends before it begins goes on into the next day.
public struct TimeWindow: Hashable, Sendable, CustomStringConvertible {
    /// A minute of the week.
    public struct Instant: Hashable, Sendable {
        /// 0 is Monday.
        public var weekday: Int
        /// Minutes since midnight.
        public var minute: Int

        public init(weekday: Int, minute: Int) {
            self.weekday = weekday
            self.minute = minute
        }
    }

    /// As written.
    public var description: String
    private var weekdays: Set<Int>
    private var begin: Int
    private var end: Int

    private static let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// nil where `text` is no window: days (one, a range, or several with commas; every day where there are none) and two times.
    public init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard let times = words.last, words.count <= 2 else { return nil }
        let bounds = times.split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard bounds.count == 2, let begin = bounds[0], let end = bounds[1], begin != end, begin < 24 * 60 else {
            return nil
        }
        guard let weekdays = words.count == 1 ? Set(0..<7) : Self.days(words[0]) else { return nil }
        self.weekdays = weekdays
        self.begin = begin
        self.end = end
        description = text
    }

    public func contains(_ instant: Instant) -> Bool {
        if begin < end { return weekdays.contains(instant.weekday) && (begin..<end).contains(instant.minute) }
        return weekdays.contains(instant.weekday) && instant.minute >= begin
            || weekdays.contains((instant.weekday + 6) % 7) && instant.minute < end
    }

    private static func days(_ text: String) -> Set<Int>? {
        var days: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map {
                names.firstIndex(of: String($0))
            }
            guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2 else { return nil }
            // Fri-Mon goes over the end of the week.
            days.formUnion((0...(last - first + 7) % 7).map { (first + $0) % 7 })
        }
        return days
    }

    /// Minutes since midnight of `HH:MM`, up to 24:00.
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24 && minute < 60 || hour == 24 && minute == 0
        else { return nil }
        return hour * 60 + minute
    }
}
