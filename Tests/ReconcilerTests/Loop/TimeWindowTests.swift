import Specs
import Testing

@Suite("A time of the week")
struct TimeWindowTests {
    @Test(
        "is inside its days and hours, its end excluded",
        arguments: [
            ("Mon-Fri 09:00-17:00", 0, 9 * 60, true), ("Mon-Fri 09:00-17:00", 0, 9 * 60 - 1, false),
            ("Mon-Fri 09:00-17:00", 4, 17 * 60 - 1, true), ("Mon-Fri 09:00-17:00", 4, 17 * 60, false),
            ("Mon-Fri 09:00-17:00", 5, 12 * 60, false), ("09:00-17:00", 6, 12 * 60, true),
            ("Sat,Sun 00:00-24:00", 6, 23 * 60 + 59, true), ("Fri-Mon 10:00-11:00", 0, 10 * 60, true),
            ("Fri-Mon 10:00-11:00", 1, 10 * 60, false),
            // Over midnight: the night belongs to the day it begins on.
            ("Fri 22:00-06:00", 4, 23 * 60, true), ("Fri 22:00-06:00", 5, 5 * 60, true),
            ("Fri 22:00-06:00", 5, 6 * 60, false), ("Fri 22:00-06:00", 4, 5 * 60, false),
            ("Sun 22:00-06:00", 0, 60, true),
        ]
    )
    func contains(text: String, weekday: Int, minute: Int, isInside: Bool) throws {
        let window = try #require(TimeWindow(text))
        #expect(window.contains(TimeWindow.Instant(weekday: weekday, minute: minute)) == isInside)
        #expect(window.description == text)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "Mon", "Mon-Fri", "9:00-17:00", "09:00", "09:00-09:00", "25:00-26:00", "09:60-10:00", "24:00-06:00",
            "Mo 09:00-10:00", "Mon- 09:00-10:00", "Mon,, 09:00-10:00", "Mon-Tue-Wed 09:00-10:00", "Mon 09:00-10:00 UTC",
            "Mon 09:00 - 10:00", "-9:00-10:00",
        ]
    )
    func refuses(text: String) { #expect(TimeWindow(text) == nil) }
}
