import Reconciler
import Testing

@Suite("A time in UTC")
struct UTCTimeTests {
    @Test(
        "is written as ISO 8601",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_795_421_441, "2026-11-23T08:10:41Z"),
            (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ]
    )
    func writes(seconds: Int, text: String) { #expect(UTCTime.text(seconds) == text) }

    @Test("is counted from a date as it is written")
    func counts() {
        for day in stride(from: -400_000, to: 400_000, by: 97) {
            let text = UTCTime.text(day * 86_400)
            let parts = text.split(separator: "T")[0].split(separator: "-").compactMap { Int($0) }
            #expect(UTCTime.seconds(year: parts[0], month: parts[1], day: parts[2]) == day * 86_400, "\(text)")
        }
    }

    @Test(
        "a moment is told in the calendar",
        arguments: [
            (0, "1970-01-01 00:00 UTC"), (951_782_399, "2000-02-28 23:59 UTC"), (951_782_400, "2000-02-29 00:00 UTC"),
            (1_709_251_199, "2024-02-29 23:59 UTC"), (1_735_689_599, "2024-12-31 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"), (-1, "1969-12-31 23:59 UTC"),
        ]
    )
    func calendar(seconds: Int, words: String) {
        #expect(UTCTime.words(seconds) == words)
    }
}
