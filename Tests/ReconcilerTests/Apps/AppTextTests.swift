import Specs
import Testing

@testable import Reconciler

@Suite struct AppTextTests {
    @Test(
        arguments: [
            ("a", "b", "a → b"), (nil, 3, "unset → 3"), ([1, 0.5], nil, "[1,0.5] → unset"),
            (["k": ["x\n\"", true, .null]], "z", #"{"k":["x\n\"",true,null]} → z"#),
            (
                .text(Content([.redacted])), .text(Content([.literal("pw "), .secret(.environment("PW"))])),
                "••• → pw ${env:PW}"
            ),
            (.text(Content([.redacted])), .text(Content([.literal("•••")])), "••• → another value (secret)"),
        ] as [(AppValue?, AppValue?, String)]
    )
    func aFieldReadsAsBeforeAndAfter(before: AppValue?, after: AppValue?, words: String) {
        #expect(FieldDifference(path: "x", before: before, after: after).words(limit: 40) == words)
    }

    @Test func longValuesAreCutSoThatTheirDifferenceStaysVisible() {
        let head = String(repeating: "x", count: 200)
        let before = AppValue.text(Content(head + "old tail"))
        let after = AppValue.text(Content(head + "new tail"))
        let words = FieldDifference(path: "cmd", before: before, after: after).words(limit: 40)
        #expect(words.contains("old tail") && words.contains("new tail"))
        #expect(words.count < 90)
        let whole = FieldDifference(path: "cmd", before: before, after: after).words(limit: .max)
        #expect(whole == head + "old tail → " + head + "new tail")
    }

    @Test func aSummaryNamesTheFirstFieldsAndCountsTheRest() {
        let fields = (1...5).map { FieldDifference(path: "f\($0)", before: 1, after: 2) }
        #expect(fields.summary == "f1 1 → 2, f2 1 → 2, f3 1 → 2 and 2 more")
    }
}
