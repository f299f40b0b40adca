import Testing

@testable import Rendering

@Suite struct LineDiffTests {
    @Test func equalTextsHaveNoDifference() {
        #expect(LineDiff(from: "a\nb\n", to: "a\nb\n").lines.isEmpty)
    }

    @Test func showsThreeLinesAroundAChangeAndCountsAsDiffDoes() {
        let old = (1...20).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 10\n", with: "ten\n")
        let lines = LineDiff(from: old, to: new).lines
        #expect(lines.first == .hunk("@@ -7,7 +7,7 @@"))
        #expect(lines.contains(.removed("line 10")) && lines.contains(.added("ten")))
        #expect(lines.count == 9)
    }

    @Test func distantChangesAreHunksOfTheirOwn() {
        let old = (1...40).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 3\n", with: "").replacing("line 30\n", with: "line 30\nextra\n")
        #expect(
            LineDiff(from: old, to: new).lines.filter { if case .hunk = $0 { true } else { false } }
                == [.hunk("@@ -1,6 +1,5 @@"), .hunk("@@ -28,6 +27,7 @@")]
        )
    }

    @Test func aNewFileIsAllAdditions() {
        #expect(LineDiff(from: nil, to: "a\nb\n").lines == [.hunk("@@ -0,0 +1,2 @@"), .added("a"), .added("b")])
    }

    @Test func aLostLastNewlineIsADifference() {
        #expect(
            LineDiff(from: "a\n", to: "a").lines
                == [.hunk("@@ -1 +1 @@"), .removed("a"), .added("a"), .noNewline]
        )
    }

    /// Taking the removed lines away and the added ones in must give the new text, whatever the texts.
    @Test(arguments: 0..<200)
    func theDifferenceLeadsFromOneTextToTheOther(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        func text() -> [String] {
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                ["a", "b", "c", ""].randomElement(using: &generator) ?? ""
            }
        }
        let (old, new) = (text(), text())
        let lines = LineDiff(
            from: old.map { $0 + "\n" }.joined(),
            to: new.map { $0 + "\n" }.joined(),
            context: 100
        ).lines
        guard old != new else { return #expect(lines.isEmpty) }
        #expect(
            lines.compactMap {
                switch $0 {
                case .same(let l), .removed(let l): l;
                default: nil
                }
            } == old
        )
        #expect(
            lines.compactMap {
                switch $0 {
                case .same(let l), .added(let l): l;
                default: nil
                }
            } == new
        )
    }

    @Test func hugeDifferencesEndInTimeAndStayTrue() {
        let old = (0..<5000).map { "old \($0)\n" }.joined()
        let new = (0..<5000).map { "new \($0)\n" }.joined()
        let lines = LineDiff(from: old, to: new).lines
        #expect(lines.count == 10_001)
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
