import Lab
import Reconciler
import Specs
import Testing
import Transport

/// What is in the loop's way meanwhile.
enum SoakFault: String, CaseIterable, Hashable {
    case none, paused, badRevision, leaderChange, restarted, killedBefore, killedAfter, clockAhead, clockBehind,
        skewedNode
    case slow
    /// As long as these last nothing need be told or corrected.
    case messagesLost, nodeDown, nodeUnplugged, masterUnplugged, refused, marathonAway, marathonGarbage, diskFull,
        leaseHeld

    var isInTheWay: Bool {
        switch self {
        case .messagesLost, .nodeDown, .nodeUnplugged, .masterUnplugged, .refused, .marathonAway, .marathonGarbage,
            .diskFull, .leaseHeld:
            true
        default: false
        }
    }

    /// Whether daemons go down by it, which the loop may find before their supervisors have started them again.
    var endsDaemons: Bool {
        switch self {
        case .messagesLost, .nodeDown, .nodeUnplugged, .masterUnplugged, .leaderChange: true
        default: false
        }
    }

    var isOfClock: Bool { self == .clockAhead || self == .clockBehind }
    var isKill: Bool { self == .killedBefore || self == .killedAfter }
}

/// One trouble after the other, each judged by the world itself before the next begins.
struct SoakTorment {
    let soak: SoakLab
    let sight: SoakSight
    private var numbers: SplitMix
    private var drifts: Deck<SoakDrift>
    private var faults: Deck<SoakFault>
    private var agents = Deck(SoakSight.agents)
    private var masters = Deck(SoakSight.masters)
    /// When something was corrected last, so that the breaker has its say only where it is meant to.
    private var last: [LoopItem: Int] = [:]
    private(set) var count = 0
    private(set) var injected: [SoakDrift: Int] = [:]
    private(set) var met: [SoakFault: Int] = [:]
    private(set) var corrected = 0
    private(set) var withheld = 0
    private(set) var gaveUp = 0

    /// An interval and the tenth that it may be longer, and a round, with seconds of every visit.
    private static let look = SoakLab.interval * 11 / 10 + 150
    /// The same after failures.
    private static let lateLook = 3600 * 11 / 10 + 150

    /// Seconds without trouble before each, at most.
    private let calm: Int

    init(_ soak: SoakLab, seed: UInt64, calm: Int) throws {
        (self.soak, self.calm) = (soak, calm)
        sight = try SoakSight(soak.cluster)
        numbers = SplitMix(state: seed)
        drifts = Deck(SoakDrift.allCases)
        faults = Deck(SoakFault.allCases)
    }

    mutating func begin() async throws {
        try await soak.pass(400)
        #expect(soak.status?.lastRound?.outcome == .inSync, "\(String(describing: soak.status?.lastRound))")
    }

    /// One trouble; ends in a cluster that is as declared, and known to be.
    mutating func next() async throws {
        count += 1
        try await soak.pass(numbers.below(calm))
        let fault = faults.draw(&numbers)
        let drift = drifts.draw(&numbers)
        met[fault, default: 0] += 1
        injected[drift, default: 0] += 1
        var episode = SoakEpisode(
            soak,
            sight,
            drift,
            fault,
            node: drift == .stoppedServer ? masters.draw(&numbers) : agents.draw(&numbers)
        )
        // Thrice within an hour would be given up.
        let due = episode.items.compactMap { last[$0] }.max().map { $0 + 3700 } ?? 0
        try await soak.pass(max(numbers.below(60), due - soak.now()))
        soak.forget()
        _ = soak.weather.takeDeeds()
        try await episode.begin(agents.other(than: episode.node), masters.draw(&numbers), &numbers)
        try sight.inject(drift, on: episode.node)
        try await episode.endure(&numbers)
        corrected += episode.wasCorrected ? 1 : 0
        withheld += episode.wasWithheld ? 1 : 0
        gaveUp += episode.gaveUp ? 1 : 0
        let now = try soak.now()
        for item in episode.items { last[item] = now }
        try await rest(episode)
    }

    /// Until a look has seen that all is well.
    private func rest(_ episode: SoakEpisode) async throws {
        for _ in 1...3 {
            try await soak.pass(soak.status?.lastRound?.outcome == .inSync ? Self.look : Self.lateLook)
            if soak.status?.lastRound?.outcome == .inSync { break }
        }
        #expect(soak.status?.lastRound?.outcome == .inSync, "\(count): after \(episode.words): \(episode.story)")
        try await soak.untilMarathonIsFree(sight)
        #expect(try sight.servers() == 3, "\(count): after \(episode.words)")
        // Whatever was done after it was as declared again was nobody's wish.
        let left = soak.weather.takeDeeds().filter { !episode.mayStartDaemons(by: $0) }
        #expect(left.isEmpty, "\(count): after \(episode.words): \(left)")
    }
}

/// Steele, Lea and Flood's generator: a few lines, and the same numbers everywhere.
struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}

/// Cards that all come once before one comes again.
struct Deck<Card: Equatable> {
    private let cards: [Card]
    private var left: [Card] = []

    init(_ cards: [Card]) { self.cards = cards }

    mutating func draw(_ numbers: inout SplitMix) -> Card {
        if left.isEmpty { left = cards }
        return left.remove(at: numbers.below(left.count))
    }

    func other(than card: Card) -> Card { cards.first { $0 != card } ?? card }
}
