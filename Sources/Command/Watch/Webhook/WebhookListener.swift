internal import FoundationEssentials
internal import Glibc
internal import Reconciler
internal import Rendering
internal import Specs
internal import Synchronization
internal import Transport

/// Tells the webhook: keeps each notice on disk until it was taken, and sends them one after the other beside the loop.
final class WebhookListener: LoopListener {
    private struct State {
        var queue = WebhookQueue()
        /// As it is declared.
        var receiver: WebhookReceiver?
        /// Of a simulated cluster, nobody elsewhere is told.
        var isMuted = false
        /// Whether the queue on disk is this one.
        var isKept = true
        /// When the next try is due.
        var due = ContinuousClock.now
        /// Once the loop has ended: when waiting ends too.
        var end: ContinuousClock.Instant?
        /// Kinds of trouble that were told since the last notice was taken.
        var told: Set<String> = []
        /// Notices that were dropped and not told of yet.
        var lost = 0

        /// nil: nobody is to be told.
        var open: WebhookReceiver? { isMuted ? nil : receiver }
    }

    private let store: LoopStore
    private let policy: WebhookPolicy
    /// Whether the cluster is a simulated one.
    private let isLab: Bool
    private let tally: WebhookTally
    private let complain: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let bell = Bell()

    /// - Throws: `Stop` where the declared webhook lacks a secret.
    init(
        _ declared: Declared,
        in store: LoopStore,
        isLab: Bool,
        tally: WebhookTally,
        policy: WebhookPolicy = WebhookPolicy(),
        complain: @escaping @Sendable (String) -> Void
    ) throws {
        self.store = store
        self.policy = policy
        self.isLab = isLab
        self.tally = tally
        self.complain = complain
        if let spec = declared.spec.other.watch.webhook {
            do throws(WebhookReceiver.Trouble) { _ = try WebhookReceiver(spec, of: declared).ready() } catch {
                throw Stop(.failure, "watch.webhook: \(error.words)")
            }
        }
        do throws(StateError) {
            let queue = try store.waiting() ?? WebhookQueue()
            let wait = queue.wait(at: Self.now, policy)
            state.withLock { state in
                state.queue = queue
                state.due += wait
            }
        } catch {
            complain("\(error); notices that waited there are not sent")
        }
        take(declared, isFirst: true)
    }

    private static var now: Int { time(nil) }

    // MARK: Told by the loop

    func follow(_ declared: Declared) { take(declared, isFirst: false) }

    private func take(_ declared: Declared, isFirst: Bool) {
        let spec = declared.spec.other.watch.webhook
        let words = state.withLock { state -> String? in
            if spec == nil, state.receiver == nil, state.queue.entries.isEmpty { return nil }
            if let receiver = state.receiver, receiver.isThat(of: declared) { return nil }
            state.receiver = spec.map { WebhookReceiver($0, of: declared) }
            state.told = []
            if !isFirst { state.due = .now }
            if let receiver = state.receiver, isLab {
                state.isMuted = (try? receiver.ready())?.address.isOfThisMachine != true
                let words = "\(receiver.label): nothing of a simulated cluster is sent to another machine"
                return state.isMuted ? words : nil
            }
            guard spec == nil else { return nil }
            let dropped = state.queue.removeAll()
            keep(&state)
            return dropped == 0 ? nil : "watch.webhook is declared no more: \(notices(dropped)) that waited are dropped"
        }
        if let words { complain(words) }
        bell.ring()
    }

    func notify(_ notice: LoopNotice) {
        let id = UUID().uuidString.lowercased()
        let dropped = state.withLock { state in
            guard state.open != nil else { return 0 }
            let dropped = state.queue.add(id: id, at: Self.now, policy) { sequence in
                WebhookDocument(notice, id: id, sequence: sequence).json
            }
            keep(&state)
            return dropped
        }
        lose(dropped, "too many wait")
        bell.ring()
    }

    // MARK: Beside the loop

    func accompany() async throws {
        // A task of its own: the end of the loop must not cut a request that is under way.
        let worker = Task { await work() }
        await withTaskCancellationHandler {
            await worker.value
        } onCancel: {
            state.withLock { $0.end = .now + policy.farewell }
            bell.ring()
            Task { [farewell = policy.farewell] in
                try? await Task.sleep(for: farewell)
                worker.cancel()
            }
        }
        let (left, receiver) = state.withLock { ($0.queue.entries.count, $0.open) }
        guard let receiver else { return }
        await receiver.close()
        if left > 0 { complain("\(receiver.label): \(notices(left)) not delivered; the next `watch` sends them") }
    }

    private enum Next {
        case send(WebhookQueue.Entry, WebhookReceiver)
        /// nil: for news.
        case wait(Duration?)
        case end
    }

    private func work() async {
        while !Task.isCancelled {
            lose(state.withLock { $0.queue.expire(at: Self.now, policy) }, "they waited for too long")
            switch next() {
            case .send(let entry, let receiver):
                let answer = await receiver.deliver(entry, within: policy.deadline, at: Self.now)
                if let answer { settle(entry, answer, receiver) }
            case .wait(let limit?): await bell.wait(for: limit)
            case .wait(nil): await bell.wait()
            case .end: return
            }
        }
    }

    private func next() -> Next {
        state.withLock { state in
            guard let entry = state.queue.entries.first, let receiver = state.open else {
                return state.end == nil ? .wait(nil) : .end
            }
            let now = ContinuousClock.now
            if let end = state.end, max(now, state.due) >= end { return .end }
            return state.due <= now ? .send(entry, receiver) : .wait(state.due - now)
        }
    }

    private func settle(_ entry: WebhookQueue.Entry, _ answer: WebhookAnswer, _ receiver: WebhookReceiver) {
        let verdict = state.withLock { state in
            let jitter = Double.random(in: 0..<1)
            let verdict = state.queue.settle(entry.id, answer, policy, at: Self.now, jitter: jitter)
            if case .retry(let wait) = verdict { state.due = .now + wait }
            keep(&state)
            return verdict
        }
        switch verdict {
        case .delivered:
            let (told, lost) = state.withLock { state in
                defer { (state.told, state.lost) = ([], 0) }
                return (state.told, state.lost)
            }
            guard !told.isEmpty || lost > 0 else { return }
            complain("\(receiver.label): it works again" + (lost > 0 ? "; \(notices(lost)) dropped meanwhile" : ""))
        case .retry:
            tally.count(1)
            tell(answer.kind, "\(receiver.label): \(answer.words); it is tried again")
        case .refused:
            tally.count(1)
            state.withLock { $0.lost += 1 }
            tell(answer.kind, "\(receiver.label): \(answer.words); such notices are dropped")
        case nil: tally.count(1)
        }
    }

    // MARK: Telling

    private func lose(_ count: Int, _ why: String) {
        guard count > 0 else { return }
        tally.count(count)
        let receiver = state.withLock { state in
            state.lost += count
            return state.receiver
        }
        tell("lost: \(why)", "\(receiver?.label ?? "watch.webhook"): \(notices(count)) dropped: \(why)")
    }

    /// Once for each kind of trouble, until a notice is taken.
    private func tell(_ kind: String, _ words: String) {
        if state.withLock({ $0.told.insert(kind).inserted }) { complain(words) }
    }

    private func keep(_ state: inout State) {
        do throws(StateError) {
            try store.keep(state.queue)
            state.isKept = true
        } catch {
            if state.isKept { complain("\(error); notices that wait end with the loop") }
            state.isKept = false
        }
    }

    private func notices(_ count: Int) -> String { count == 1 ? "1 notice" : "\(count) notices" }
}
