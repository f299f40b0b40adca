/// Marathon's timestamps, `2014-08-26T07:37:50.462Z` (marathon-api.md 1.0), as seconds since 1970.
enum MarathonTime {
    /// nil for text of another form.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].hasSuffix("Z") else { return nil }
        let date = parts[0].split(separator: "-").compactMap { Int($0) }
        let time = parts[1].dropLast().split(separator: ":").compactMap { Double($0) }
        guard date.count == 3, time.count == 3, 1...12 ~= date[1], 1...31 ~= date[2] else { return nil }
        return days(date[0], date[1], date[2]) * 86_400 + Int(time[0] * 3600 + time[1] * 60 + time[2])
    }

    /// Days since 1970-01-01 of the Gregorian calendar, counted in years that begin in March, so that leap days come last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let (era, monthFromMarch) = (year / 400, (month + 9) % 12)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Such as `42 s`, `12 min` or `3 h 5 min`.
    static func words(seconds: Int) -> String {
        switch max(seconds, 0) {
        case 0..<120: "\(max(seconds, 0)) s"
        case 120..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
