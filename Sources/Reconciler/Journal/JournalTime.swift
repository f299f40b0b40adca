/// Seconds since 1970 as `2024-05-01 14:02 UTC`.
public func utcWords(_ seconds: Int) -> String {
    let (days, rest) = (floorDivided(seconds, 86_400), seconds - floorDivided(seconds, 86_400) * 86_400)
    // Days since 0000-03-01 of the Gregorian calendar, counted in years that begin in March, so that leap days come last.
    let shifted = days + 719_468
    let era = floorDivided(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(year)-\(twoDigits(month))-\(twoDigits(day)) \(twoDigits(rest / 3600)):\(twoDigits(rest / 60 % 60)) UTC"
}

private func floorDivided(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
