/// A moment on a daemon's clock, in milliseconds since 1970.
public struct Moment: Hashable, Sendable, Codable, Comparable {
    public var milliseconds: Int

    public init(milliseconds: Int) { self.milliseconds = milliseconds }

    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    public var seconds: Double { Double(milliseconds) / 1000 }

    public static func < (a: Moment, b: Moment) -> Bool { a.milliseconds < b.milliseconds }
    public static func + (a: Moment, milliseconds: Int) -> Moment {
        Moment(milliseconds: a.milliseconds + milliseconds)
    }
    public static func - (a: Moment, b: Moment) -> Int { a.milliseconds - b.milliseconds }

    /// `2014-08-26T07:37:50.462Z`: UTC with milliseconds, as Marathon writes every time (marathon-api.md 1.0).
    public var iso8601: String {
        let (days, within) = milliseconds.quotientAndFloorRemainder(by: 86_400_000)
        let (year, month, day) = Self.date(daysSince1970: days)
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let time = [within / 3_600_000, within / 60_000 % 60, within / 1000 % 60].map { digits($0, 2) }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T\(time.joined(separator: ":"))"
            + ".\(digits(within % 1000, 3))Z"
    }

    /// Reads what `iso8601` writes; milliseconds may be missing.
    public init?(iso8601 text: String) {
        let parts = text.split(whereSeparator: { "-T:.Z".contains($0) }).map(String.init)
        guard text.hasSuffix("Z"), parts.count == 6 || parts.count == 7, parts.allSatisfy({ Int($0) != nil }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) }
        guard 1...12 ~= numbers[1], 1...31 ~= numbers[2] else { return nil }
        let fraction = parts.count == 7 ? Int((parts[6] + "000").prefix(3)) ?? 0 : 0
        let days = Self.days(numbers[0], numbers[1], numbers[2])
        milliseconds =
            ((days * 24 + numbers[3]) * 3600 + numbers[4] * 60 + numbers[5]) * 1000 + fraction
    }

    /// Howard Hinnant's civil-from-days, for the proleptic Gregorian calendar.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).quotientAndFloorRemainder(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = year.quotientAndFloorRemainder(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int {
    /// Quotient rounded down, and a remainder that is never negative.
    fileprivate func quotientAndFloorRemainder(by divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
