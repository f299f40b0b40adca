import FoundationEssentials
import Reconciler
import Specs
import Testing

@Suite("The breaker")
struct BreakerTests {
    let item = LoopItem(node: NodeName("a1"), resource: "file:/etc/mesos/zk")

    @Test("raises what was corrected three times within an hour and is different again")
    func raisesWhatComesBack() {
        var breaker = Breaker()
        for time in [0, 300, 600] {
            #expect(breaker.seen([item], at: time) { _ in [] }.isEmpty)
            breaker.corrected([item], at: time)
        }
        let raised = breaker.seen([item], at: 900) { ["edited by \($0)"] }
        #expect(raised == [item])
        #expect(breaker.raised[item]?.evidence == ["edited by a1 file:/etc/mesos/zk"])
        #expect(breaker.raised[item]?.corrected == [0, 300, 600])
        #expect(breaker.seen([item], at: 1200) { _ in [] }.isEmpty, "it is raised once, not every round")
    }

    @Test("lets go of corrections older than an hour", arguments: [(3599, true), (3600, false)])
    func forgetsOldCorrections(last: Int, isRaised: Bool) {
        var breaker = Breaker()
        breaker.corrected([item], at: 0)
        breaker.corrected([item], at: 10)
        breaker.corrected([item], at: 20)
        #expect(breaker.seen([item], at: last) { _ in [] } == (isRaised ? [item] : []))
    }

    @Test("counts each item by itself")
    func countsItemsApart() {
        var breaker = Breaker()
        let other = LoopItem(node: NodeName("a2"), resource: item.resource)
        for time in [0, 1, 2] { breaker.corrected([item], at: time) }
        breaker.corrected([other], at: 3)
        #expect(breaker.seen([item, other], at: 4) { _ in [] } == [item])
    }

    @Test("forgets a raised item that stayed away for an hour, and not before")
    func forgetsWhatStayedAway() {
        var breaker = Breaker()
        for time in [0, 1, 2] { breaker.corrected([item], at: time) }
        _ = breaker.seen([item], at: 3) { _ in [] }
        _ = breaker.seen([], at: 3602) { _ in [] }
        #expect(breaker.raised[item] != nil)
        _ = breaker.seen([], at: 3603) { _ in [] }
        #expect(breaker.raised[item] == nil)
    }

    @Test("counts the hour from when it was seen last, and no look that could not see it")
    func keepsWhatIsUnseen() {
        var breaker = Breaker()
        for time in [0, 1, 2] { breaker.corrected([item], at: time) }
        _ = breaker.seen([item], at: 3) { _ in [] }
        _ = breaker.seen([item], at: 7000) { _ in [] }
        _ = breaker.seen([], at: 7300) { _ in [] }
        #expect(breaker.raised[item] != nil, "it is away for five minutes")
        _ = breaker.seen([], at: 20_000, isKnown: { _ in false }) { _ in [] }
        #expect(breaker.raised[item] != nil, "its node does not answer")
        _ = breaker.seen([], at: 23_600) { _ in [] }
        #expect(breaker.raised[item] == nil)
    }

    @Test("counts that hour from the last time it differed")
    func forgetsNothingThatKeepsComing() {
        var breaker = Breaker()
        for time in [0, 1, 2] { breaker.corrected([item], at: time) }
        for time in [3, 3000, 6000] { _ = breaker.seen([item], at: time) { _ in [] } }
        _ = breaker.seen([], at: 9599) { _ in [] }
        #expect(breaker.raised[item] != nil)
        _ = breaker.seen([], at: 9600) { _ in [] }
        #expect(breaker.raised[item] == nil)
    }

    @Test(
        "an hour is four intervals of a loop that looks seldom, and an hour for all others",
        arguments: [(10, 3600), (300, 3600), (900, 3600), (901, 3604), (3600, 14_400), (86_400, 345_600)]
    )
    func periodOfIntervals(interval: Int, period: Int) { #expect(Breaker.period(interval: interval) == period) }

    @Test(
        "says in how many hours it was corrected",
        arguments: [(300, "an hour"), (1320, "2 hours"), (3960, "4 hours")]
    )
    func words(apart: Int, span: String) {
        var breaker = Breaker()
        for round in 0..<3 { breaker.corrected([item], at: round * apart, within: 20_000) }
        #expect(breaker.seen([item], at: 3 * apart, within: 20_000) { _ in [] } == [item])
        #expect(breaker.raised[item]?.words.hasPrefix("it was corrected 3 times within \(span) and") == true)
    }

    @Test("corrects again what somebody resumed, and it alone")
    func resumes() {
        var breaker = Breaker()
        let other = LoopItem(resource: "app:/shop")
        for time in [0, 1, 2] { breaker.corrected([item, other], at: time) }
        _ = breaker.seen([item, other], at: 3) { _ in [] }
        breaker.resume(item)
        #expect(breaker.raised.keys.sorted() == [other])
        #expect(breaker.seen([item], at: 4) { _ in [] }.isEmpty, "what was corrected before is forgotten with it")
        breaker.resume()
        #expect(breaker == Breaker())
    }

    @Test("survives being written and read")
    func isKept() throws {
        var breaker = Breaker()
        for time in [0, 1, 2] { breaker.corrected([item], at: time) }
        _ = breaker.seen([item], at: 3) { _ in ["mtime 2"] }
        let data = try JSONEncoder().encode(breaker)
        #expect(try JSONDecoder().decode(Breaker.self, from: data) == breaker)
    }
}
