internal import Specs

/// Changes a link while its node is ready to take that back: armed, seen over a new connection, confirmed.
///
/// Whatever goes wrong here, and be it that this process is killed, ends with the old link: nothing but the confirmation
/// keeps the new one.
struct NetworkRun {
    let step: Step
    let act: NetworkAct
    let context: RunContext
    /// What the gate compares with, taken before anything is done.
    let before: GateAnswers?

    /// How long the ensembles may take to be seen well before the link is touched.
    private static let healthSeconds = 30
    /// The node waits so long before it begins (netguard.sh).
    private static let graceSeconds = 5
    /// Bringing the old link up may take longer than the deadline: DHCP alone may take a minute.
    private static let revertMargin = 90

    private var node: NodeName { act.node }
    private var token: String { "\(context.visits.runID)-\(step.id)" }

    func carryOut() async -> StepOutcome {
        if let words = await unhealthy() { return .failed("\(node): nothing was changed: \(words)") }
        let answering = await answeringPeers()
        if let reason = context.halt.reason { return .notReached(reason.words) }
        var arming = Arming.armed
        do {
            arming = try await arm()
        } catch {
            guard !error.nothingHappened else { return .failed("\(node): could not arm the change: \(error.message)") }
            // Whether it is armed shows over the next connection; if it is, it must be brought to its end.
            tell("lost the connection while arming, looks again")
        }
        if case .refused(let outcome) = arming { return outcome }
        let began = context.clock.now()
        tell("\(act.change.link) changes now; \(node) takes it back after \(act.seconds) s unless it is confirmed")
        switch await watch(until: began + .seconds(act.seconds / 2 + Self.graceSeconds), answering) {
        case .confirmed(let notes):
            for note in notes { tell(note) }
            return .applied
        case .failed(let words): return await revert(words, since: began)
        case .over(let standing): return ended(standing, "it did not wait for this run")
        case .stopped(let words):
            return .unknown("\(node): \(words); the node takes the change back within \(act.seconds) s")
        case .notArmed(let words):
            return .unknown("\(node): \(words); had it been armed all the same, the node would take it back by itself")
        }
    }

    private func tell(_ text: String) { context.emit(.progress(id: step.id, node: node, text: text)) }

    // MARK: Before

    private func unhealthy() async -> String? {
        guard let gate = step.gate else { return nil }
        let early = Gate(gate.condition, deadlineSeconds: Self.healthSeconds, words: gate.words)
        switch await GateRun(step: step.id, context: context).wait(for: early, before: before) {
        case .held: return nil
        case .failed(let words), .assumptionFailed(let words): return words
        case .cancelled: return StopReason.interrupted.words
        }
    }

    /// Peers that answer now: one that does not could not show that the change cut it off.
    private func answeringPeers() async -> [PeerPort] {
        guard !act.peers.isEmpty else { return [] }
        guard case .success(let answers) = await context.observe(act.peers.map(\.request), on: node) else { return [] }
        return zip(act.peers, answers).filter { $1.isReached }.map(\.0)
    }

    private enum Arming {
        case armed
        case refused(StepOutcome)
    }

    private func arm() async throws(NodeAccessError) -> Arming {
        let arm = NodeAction.network(.arm(act.change, token: token, seconds: act.seconds))
        switch try await context.visits.perform([arm], on: node)?.first {
        case .done?, .alreadyInPlace?: return .armed
        case .conflict(let found)?: return .refused(.conflict("\(node): \(found)"))
        case .failed(let reason)?: return .refused(.failed("\(node): could not arm the change: \(reason)"))
        case .pending?, nil: return .refused(.failed("\(node): could not arm the change: no result"))
        }
    }

    // MARK: Over new connections

    private enum Watch {
        case confirmed(notes: [String])
        case failed(String)
        case over(NetworkStanding)
        case stopped(String)
        case notArmed(String)
    }

    private func watch(until end: Duration, _ answering: [PeerPort]) async -> Watch {
        var missing = "nobody answered over a new connection"
        while context.clock.now() < end {
            if let fence = context.halt.fence { return .stopped(fence.words) }
            if Task.isCancelled { return .stopped("stopped by an interrupt") }
            switch await look(answering) {
            case .notYet(let words): missing = words
            case .settled(let ending): return ending
            }
            tellWait(missing, until: end)
            try? await context.clock.sleep(.seconds(1))
        }
        return .failed(missing)
    }

    private enum Look {
        case notYet(String)
        case settled(Watch)
    }

    private func look(_ answering: [PeerPort]) async -> Look {
        switch await standing() {
        case .failure(let words): return words.isFinal ? .settled(.notArmed(words.text)) : .notYet(words.text)
        case .success(let standing):
            switch standing.word {
            case .armed, .applying: return .notYet("the change is \(standing.word.rawValue)")
            case .confirmed, .reverted, .trouble: return .settled(.over(standing))
            case .applied: return await confirm(answering)
            }
        }
    }

    /// The link as it must be, seen over a connection that was made after it was changed, and then the confirmation.
    private func confirm(_ answering: [PeerPort]) async -> Look {
        await renew()
        let requests = [FactRequest.network] + answering.map(\.request)
        let answers: [FactAnswer]
        switch await context.clock.within(
            .seconds(max(act.seconds / 3, 8)),
            {
                await context.observe(requests, on: node)
            }
        ) {
        case .success(let found)?: answers = found
        case .failure(let error)?: return .notYet(error.message)
        case nil: return .notYet("the node has not answered in time")
        }
        guard case .network(let network)? = answers.first else {
            return .notYet("the node does not tell of its links")
        }
        if let words = act.expected.missing(on: act.change.link, in: network) { return .notYet(words) }
        let lost = zip(answering, answers.dropFirst()).filter { !$1.isReached }.map(\.0)
        if let first = lost.first { return .notYet("\(first), which answered before, does not answer \(node) now") }
        if let fence = context.halt.fence { return .settled(.stopped(fence.words)) }
        do throws(NodeAccessError) {
            switch try await context.visits.perform([.network(.confirm(token: token))], on: node)?.first {
            case .done?, .alreadyInPlace?: return .settled(.confirmed(notes: notes(network)))
            case .conflict(let words)?: return .settled(.failed(words))
            case .failed(let words)?: return .notYet(words)
            case .pending?, nil: return .notYet("the confirmation has no result")
            }
        } catch {
            return .notYet(error.message)
        }
    }

    private func notes(_ network: NetworkAnswer) -> [String] {
        let wanted = act.expected.nameservers
        guard !wanted.isEmpty, network.nameservers != wanted else { return [] }
        return [
            "the resolver asks \(network.nameservers.joined(separator: ", ")), not \(wanted.joined(separator: ", "))"
        ]
    }

    private struct Silence: Error {
        var text: String
        /// The node answered, and knows of no such change.
        var isFinal = false
    }

    private func renew() async { await context.visits.renew(node) }

    private func standing() async -> Result<NetworkStanding, Silence> {
        await renew()
        do throws(NodeAccessError) {
            switch try await context.visits.perform([.network(.collect(token: token))], on: node)?.first {
            case .done(let detail)?:
                guard let standing = NetworkStanding(detail) else {
                    return .failure(Silence(text: "it tells `\(detail)`"))
                }
                return .success(standing)
            case .failed(let reason)?: return .failure(Silence(text: reason, isFinal: true))
            case .conflict(let reason)?: return .failure(Silence(text: reason))
            case .alreadyInPlace?, .pending?, nil: return .failure(Silence(text: "no result"))
            }
        } catch {
            return .failure(Silence(text: error.message))
        }
    }

    // MARK: Taken back

    /// Waits for the node to have its old link again.
    private func revert(_ cause: String, since began: Duration) async -> StepOutcome {
        tell("\(cause); waits for \(node) to take the change back")
        let end = began + .seconds(Self.graceSeconds + act.seconds + Self.revertMargin)
        var silence = "it has not answered since"
        while context.clock.now() < end {
            if Task.isCancelled { return .unknown("\(node): \(cause); stopped while it takes the change back") }
            switch await standing() {
            case .success(let standing) where standing.isOver: return ended(standing, cause)
            case .success(let standing): silence = "its change is \(standing.text)"
            case .failure(let words): silence = words.text
            }
            tellWait(silence, until: end)
            try? await context.clock.sleep(.seconds(2))
        }
        return .unknown("\(node): \(cause); whether it took the change back is not known: \(silence)")
    }

    private func ended(_ standing: NetworkStanding, _ cause: String) -> StepOutcome {
        switch standing.word {
        case .confirmed: .applied
        case .reverted: .failed("\(node): the change was taken back by the node (\(standing.words)): \(cause)")
        case .trouble: .failed("\(node): \(cause), and the node has trouble taking the change back: \(standing.words)")
        case .armed, .applying, .applied: .unknown("\(node): the change is \(standing.word.rawValue): \(cause)")
        }
    }

    private func tellWait(_ missing: String, until end: Duration) {
        context.emit(
            .waiting(
                id: step.id,
                words: "\(act.change.link) of \(node) over a new connection",
                missing: missing,
                seconds: 0,
                deadline: Int(max(end - context.clock.now(), .zero).components.seconds)
            )
        )
    }
}

extension PeerPort {
    fileprivate var request: FactRequest { .reach(address: address, port: port) }
}

extension FactAnswer {
    /// A host that refuses a port is there.
    fileprivate var isReached: Bool {
        switch self {
        case .reach(.connected), .reach(.refused): true
        default: false
        }
    }
}
