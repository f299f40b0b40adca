import Lab
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

/// One drift under one fault, and what must become of it.
struct SoakEpisode {
    let soak: SoakLab
    let sight: SoakSight
    let drift: SoakDrift
    let fault: SoakFault
    let node: NodeName
    let items: [LoopItem]
    private(set) var wasCorrected = false
    private(set) var wasWithheld = false
    private(set) var gaveUp = false
    private var agent: NodeName
    private var master: NodeName
    private var began = 0

    /// An interval and the tenth that it may be longer, and a round.
    private static let look = SoakLab.interval * 11 / 10 + 150
    /// After rounds that failed the next may be an hour away.
    private static let lateLook = 3600 * 11 / 10 + 150
    /// A step in hand is finished.
    private static let grace = 180

    init(_ soak: SoakLab, _ sight: SoakSight, _ drift: SoakDrift, _ fault: SoakFault, node: NodeName) {
        (self.soak, self.sight, self.drift, self.fault, self.node) = (soak, sight, drift, fault, node)
        items = sight.items(drift, on: node)
        (agent, master) = (node, node)
    }

    var words: String { "\(drift.rawValue) on \(node) under \(fault.rawValue)" }

    var story: String {
        let round = soak.status?.lastRound.map { "\($0.outcome) \($0.messages)" } ?? "no round"
        let state = (soak.status?.items ?? []).map { "\($0.item) \($0.state) \($0.detail)" }
        let heard = soak.heard.map {
            "\($0.at - began) s: \($0.notice.kind) \($0.notice.items.map(\.item.description))"
        }
        return "\(round); \(state); heard \(heard)"
    }

    // MARK: The course of it

    /// The fault; what the drift is put on is not broken so much that it could not be done.
    mutating func begin(_ other: NodeName, _ master: NodeName, _ numbers: inout SplitMix) async throws {
        (agent, self.master) = (other, master)
        try await bring()
        began = try soak.now()
    }

    mutating func endure(_ numbers: inout SplitMix) async throws {
        if fault.isInTheWay || fault == .paused {
            try await soak.pass(300 + numbers.below(900))
            if fault == .paused || fault == .leaseHeld { try expectNothingDone("it was \(fault.rawValue)") }
            try await end()
        }
        let ended = try soak.now()
        let mayBeLate = soak.status.map { $0.lastRound?.outcome == .failed } ?? false
        var wait = (mayBeLate ? Self.lateLook : Self.look) + (fault == .slow ? 300 : 0)
        // The first look after a kill meets the lease of the one that is gone.
        if fault.isKill { wait += Self.look }
        try await soak.pass(wait)
        if !fault.isInTheWay, fault != .paused { try await end() }
        try expectTold(by: ended + wait)
        if drift == .undone { try await undoAgain() }
        try await settle(wait)
        try judgeDeeds()
    }

    /// Corrected where it may be, else left as it was.
    private mutating func settle(_ wait: Int) async throws {
        guard drift.isCorrectable else {
            try await soak.pass(Self.look)
            try expectNothingDone("it is not the loop's to correct")
            wasWithheld = true
            return try await putBack()
        }
        // Windows that open or close meanwhile leave it open who comes first.
        let open = try windows(from: began - Self.grace, to: soak.now())
        if open == [false] {
            try expectNothingDone("it is outside the windows")
            wasWithheld = true
            return try await putBack()
        }
        if open.contains(false) {
            if try !sight.isAsDeclared(drift, on: node) { try await putBack() }
            return
        }
        // A lease that a killed loop has left, or a look that came too early, may take one look more.
        if try !sight.isAsDeclared(drift, on: node) { try await soak.pass(Self.look) }
        let isCorrected = try sight.isAsDeclared(drift, on: node)
        #expect(isCorrected, "\(words) is not corrected: \(story)")
        wasCorrected = isCorrected
        if !isCorrected { try await putBack() }
    }

    private func putBack() async throws {
        try await soak.untilMarathonIsFree(sight)
        try sight.restore(drift, on: node)
    }

    /// Three corrections within an hour, and the fourth time it is told as given up.
    private mutating func undoAgain() async throws {
        guard !fault.isOfClock, !fault.isKill, fault != .diskFull, try sight.isAsDeclared(drift, on: node) else {
            return
        }
        guard try windows(from: began, to: soak.now() + 5 * Self.look) == [true] else { return }
        for _ in 1...3 {
            try sight.inject(drift, on: node)
            try await soak.pass(Self.look)
        }
        #expect(try !sight.isAsDeclared(drift, on: node), "\(words): corrected a fourth time: \(story)")
        #expect(soak.heard.contains { $0.notice.kind == .givenUp && $0.notice.items.map(\.item) == items }, "\(story)")
        gaveUp = true
        try soak.cluster.store.resume(items[0], by: "me@here", at: 0)
        try await soak.pass(Self.look)
        #expect(try sight.isAsDeclared(drift, on: node), "\(words): resumed and not corrected: \(story)")
    }

    // MARK: Judging

    private func expectTold(by deadline: Int) throws {
        guard drift != .ignoredFile else {
            #expect(!soak.heard.contains { $0.notice.items.contains { items.contains($0.item) } }, "\(words): \(story)")
            return
        }
        let kinds: [LoopNotice.Kind] = [.found, .corrected, .givenUp]
        for item in items {
            let told = soak.heard.first { heard in
                kinds.contains(heard.notice.kind) && heard.notice.items.contains { $0.item == item }
            }
            // What was known to be unknown is told so; a server that is back by itself needs no word.
            #expect(told.map { $0.at <= deadline } ?? false, "\(words): \(item) is not told in time: \(story)")
        }
    }

    private func expectNothingDone(_ why: String) throws {
        let deeds = soak.weather.state.withLock { $0.deeds }.filter { !mayStartDaemons(by: $0) }
        #expect(deeds.isEmpty, "\(words), and \(why): \(deeds)")
        #expect(try !sight.isAsDeclared(drift, on: node), "\(words), and \(why): it is corrected")
    }

    /// Every act is for what was done by hand just now, in a window, and never stops or restarts anything.
    private func judgeDeeds() throws {
        for deed in soak.weather.takeDeeds() {
            let isMeant = drift.isCorrectable && deed.isMeant(for: items) || mayStartDaemons(by: deed)
            #expect(isMeant, "\(words): \(deed)")
            let isIn = windows(from: deed.at - Self.grace, to: deed.at).contains(true)
            #expect(isIn, "\(words): outside the windows: \(deed)")
        }
        let servers = try sight.servers()
        #expect(servers >= 2, "\(words): \(servers) servers")
    }

    /// Of services that went down by the fault.
    func mayStartDaemons(by deed: SoakWeather.Deed) -> Bool {
        guard fault.endsDaemons, deed.node != nil else { return false }
        return deed.actions.allSatisfy { action in
            switch action {
            case .service(.unmaskUnit), .service(.enableUnit), .service(.startUnit): true
            default: false
            }
        }
    }

    /// Whether windows were open in that time, closed, or both, by any time that the loop's machine had.
    private func windows(from first: Int, to last: Int) -> Set<Bool> {
        let offset = fault == .clockAhead ? 5400 : fault == .clockBehind ? -5400 : 0
        return Set(
            stride(from: first, through: last, by: 30).flatMap { now in
                [0, offset].map { SoakLab.isOpen(soak.local(now + $0)) }
            }
        )
    }

    // MARK: The fault

    private func bring() async throws {
        let (cluster, weather) = (soak.cluster, soak.weather)
        switch fault {
        case .none: break
        case .paused:
            let now = try soak.now()
            try cluster.store.set(LoopPause(reason: "a disk", by: "me@here", since: now, until: now + 7200))
            // A round that had begun may go on.
            try await soak.pass(60)
            _ = weather.takeDeeds()
        case .badRevision: weather.set { $0.isBadRevision = true }
        case .leaderChange:
            let leader = try #require(try cluster.status().mesosLeader)
            try cluster.inject(.kill(.mesosMaster, on: leader))
            try await soak.pass(90)
            #expect(try cluster.status().mesosLeader != nil, "nobody leads after \(leader)")
        case .restarted: soak.restart()
        case .killedBefore: weather.set { $0.killsAfter = (0, false) }
        case .killedAfter: weather.set { $0.killsAfter = (0, true) }
        case .clockAhead: weather.set { $0.clockOffset = 5400 }
        case .clockBehind: weather.set { $0.clockOffset = -5400 }
        case .skewedNode: try cluster.inject(.skewClock(seconds: 600, on: agent))
        case .slow: weather.set { $0.slowSeconds = 4 }
        case .messagesLost: try cluster.inject(.loseMessages(percent: 10, seconds: 300))
        case .nodeDown: try cluster.inject(.powerOff(broken(agent)))
        case .nodeUnplugged: try cluster.inject(.unplug(items[0].node == nil ? agent : broken(node)))
        case .masterUnplugged: try cluster.inject(.unplug(try away()))
        case .refused:
            let node = try broken(node)
            weather.set { $0.refused = [node] }
        case .marathonAway: weather.set { $0.marathon = .away }
        case .marathonGarbage: weather.set { $0.marathon = .garbage }
        case .diskFull: try cluster.inject(.fillDisk(node))
        case .leaseHeld:
            try hold(until: 7200)
            try await soak.pass(60)
            _ = weather.takeDeeds()
        }
    }

    /// Without one of them three nodes that were edited are two, and within the budget.
    private func broken(_ node: NodeName) throws -> NodeName { drift == .manyNodes ? try away() : node }

    /// A master that nobody needs for what is to be done by hand.
    private func away() throws -> NodeName {
        let status = try soak.cluster.status()
        let busy = [status.marathonLeader, status.mesosLeader]
        if drift == .stoppedServer { return node }
        return SoakSight.masters.first { !busy.contains($0) } ?? master
    }

    private func end() async throws {
        let (cluster, weather) = (soak.cluster, soak.weather)
        switch fault {
        case .none, .restarted, .leaderChange, .messagesLost: break
        case .killedBefore, .killedAfter: weather.set { $0.killsAfter = nil }
        case .paused: _ = try cluster.store.endPause()
        case .badRevision:
            #expect(soak.heard.contains { $0.notice.kind == .badRevision }, "\(words): the bad revision is not told")
            weather.set { $0.isBadRevision = false }
        case .clockAhead, .clockBehind: weather.set { $0.clockOffset = 0 }
        case .skewedNode: try cluster.inject(.skewClock(seconds: -600, on: agent))
        case .slow: weather.set { $0.slowSeconds = 0 }
        case .nodeDown:
            for node in try cluster.status().nodes where !node.isPoweredOn { try cluster.inject(.powerOn(node.name)) }
        case .nodeUnplugged, .masterUnplugged:
            for node in try cluster.status().nodes where !node.isPluggedIn { try cluster.inject(.plugIn(node.name)) }
        case .refused: weather.set { $0.refused = [] }
        case .marathonAway, .marathonGarbage: weather.set { $0.marathon = .fine }
        case .diskFull: try cluster.inject(.emptyDisk(node))
        case .leaseHeld: try hold(until: 0)
        }
    }

    /// As if another run held the cluster; 0 lets go.
    private func hold(until seconds: Int) throws {
        for node in SoakSight.masters {
            let path = "/var/lib/reconciler/lease"
            guard seconds > 0 else {
                try soak.cluster.inject(.delete(path: path, on: node))
                continue
            }
            let now = try soak.now()
            let text = """
                token=other
                user=somebody
                host=elsewhere
                pid=1
                command=reconciler apply
                since=\(now)
                expires=\(now + seconds)

                """
            try soak.cluster.inject(.write(path: path, text: text, on: node))
        }
    }
}
