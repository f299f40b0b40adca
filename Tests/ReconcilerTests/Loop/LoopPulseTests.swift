import Reconciler
import Testing

@Suite("The loop's pulse")
struct LoopPulseTests {
    private static func status(round ended: Int? = nil, next: Int? = nil, interval: Int = 300) -> LoopStatus {
        var status = LoopStatus(cluster: "east", mode: .report, started: 0, intervalSeconds: interval)
        status.lastRound = ended.map { .init(began: $0 - 10, ended: $0, revision: nil, outcome: .failed) }
        status.nextRound = next
        return status
    }

    @Test("goes on as long as rounds begin when they are due, however late a long interval makes them")
    func waits() {
        var pulse = LoopPulse(at: .zero)
        pulse.hear(Self.status(round: 1000, next: 1300), at: .seconds(50))
        #expect(pulse.trouble(at: .seconds(50 + 300 + 600)) == nil)
        #expect(
            pulse.trouble(at: .seconds(50 + 300 + 660)) == "the next round was due 11 minutes ago and has not begun"
        )
        pulse.hear(Self.status(round: 2000, next: 5600, interval: 3600), at: .seconds(60))
        #expect(pulse.trouble(at: .seconds(60 + 3600 + 7200)) == nil)
        #expect(pulse.trouble(at: .seconds(60 + 3600 + 7201)) != nil)
    }

    @Test("counts the back-off after failures in")
    func backsOff() {
        var pulse = LoopPulse(at: .zero)
        pulse.hear(Self.status(round: 1000, next: 4600), at: .zero)
        #expect(pulse.trouble(at: .seconds(4000)) == nil)
        #expect(pulse.trouble(at: .seconds(4201)) != nil)
    }

    @Test("is not quickened by what is published between rounds, such as a bad revision every few seconds")
    func isNotFooled() {
        var pulse = LoopPulse(at: .zero)
        for second in stride(from: 0, through: 1000, by: 10) {
            pulse.hear(Self.status(round: 1000, next: 1300), at: .seconds(second))
        }
        #expect(pulse.trouble(at: .seconds(1000)) != nil)
    }

    @Test("may be silent for half an hour in a round, which a run that tells what it waits for never is")
    func works() {
        var pulse = LoopPulse(at: .zero)
        pulse.hear(Self.status(round: 1000, next: 1300), at: .zero)
        pulse.hear(Self.status(round: 1000), at: .seconds(300))
        #expect(pulse.trouble(at: .seconds(2100)) == nil)
        #expect(
            pulse.trouble(at: .seconds(2101)) == "nothing was heard of the round under way for 30 minutes"
        )
        for second in stride(from: 300, through: 20_000, by: 600) { pulse.beat(at: .seconds(second)) }
        #expect(pulse.trouble(at: .seconds(20_100)) == nil)
        #expect(pulse.trouble(at: .seconds(22_000)) != nil)
    }

    @Test("does not take others for the loop: what they count is published too")
    func isOfTheLoop() {
        var pulse = LoopPulse(at: .zero)
        var status = Self.status(round: 1000)
        for second in stride(from: 0, through: 2000, by: 100) {
            status.counters.webhookFailures += 1
            pulse.hear(status, at: .seconds(second))
        }
        #expect(pulse.trouble(at: .seconds(2000)) != nil)
    }

    @Test("waits for something to go by for as long as it asks for it")
    func asks() {
        var pulse = LoopPulse(at: .zero)
        for second in stride(from: 0, through: 10_000, by: 10) {
            pulse.hear(Self.status(interval: 0), at: .seconds(second))
        }
        #expect(pulse.trouble(at: .seconds(10_000)) == nil)
    }

    @Test("begins anew with the round that was late")
    func recovers() {
        var pulse = LoopPulse(at: .zero)
        pulse.hear(Self.status(round: 1000, next: 1300), at: .zero)
        #expect(pulse.trouble(at: .seconds(5000)) != nil)
        pulse.hear(Self.status(round: 1000), at: .seconds(5000))
        #expect(pulse.trouble(at: .seconds(5000)) == nil)
    }

    @Test("is given half an hour before the loop is heard of at all")
    func begins() {
        let pulse = LoopPulse(at: .seconds(10))
        #expect(pulse.trouble(at: .seconds(1810)) == nil)
        #expect(pulse.trouble(at: .seconds(1811)) != nil)
    }
}
