import Daemons
import Glibc
import Serving

/// Carries a model's effects out on the node.
///
/// Lives in the daemon's loop.
struct EffectCarrier {
    private let inbox: Inbox
    private let journal: Journal
    private let containers: Containers
    private let coordination: CoordinationSession
    private var links: Links
    private var streams: [Int: AsyncStream<[UInt8]>.Continuation] = [:]

    init(inbox: Inbox, journal: Journal, containers: Containers) {
        self.inbox = inbox
        self.journal = journal
        self.containers = containers
        coordination = CoordinationSession(inbox)
        links = Links(inbox)
    }

    /// Carries effects out in their order.
    ///
    /// - Returns: The end of the process, where they hold one; what follows that is left undone.
    mutating func carryOut(_ effects: [DaemonEffect]) -> DaemonExit? {
        for effect in effects {
            switch effect {
            case .send(let message): links.send(message)
            case .coordinate(let request): coordination.carryOut(request)
            case .container(let request): containers.carryOut(request)
            case .write(let path, let text):
                if let failure = failure({ () throws(NodeError) in try replaceFile(path, with: text) }) {
                    return failure
                }
            case .remove(let path):
                if let failure = failure({ () throws(NodeError) in try removeTree(path) }) { return failure }
            case .link(let path, let target):
                if let failure = failure({ () throws(NodeError) in try replaceLink(path, to: target) }) {
                    return failure
                }
            case .check(let id, let probe):
                let (inbox, probes) = (inbox, Probes(containers: containers))
                Task { inbox.post(.checked(id: id, failure: await probes.failure(of: probe))) }
            case .stream(let id, let bytes): streams[id]?.yield(bytes)
            case .closeStream(let id): streams.removeValue(forKey: id)?.finish()
            case .log(let severity, let text): journal.write(severity, text)
            case .exit(let end): return end
            }
        }
        return nil
    }

    /// Durable state that cannot be written ends a daemon rather than letting it promise what it has not kept.
    private func failure(_ body: () throws(NodeError) -> Void) -> DaemonExit? {
        do throws(NodeError) {
            try body()
            return nil
        } catch {
            return DaemonExit("Failed to write \(error)")
        }
    }

    func coordinationEvent(of news: SessionNews, session: Int) -> DaemonEvent? {
        coordination.take(news, session: session).map { .coordination($0) }
    }

    /// Whom a connection that ended reached.
    mutating func unreachable(by link: LinkID) -> [ProcessID] { links.ended(link) }

    /// Begins a stream.
    ///
    /// - Returns: The answer that carries it.
    mutating func open(_ id: Int, status: Int, headers: [HTTPField]) -> HTTPReply {
        let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        streams[id] = continuation
        let inbox = inbox
        return .stream(status: status, headers: headers, chunks: chunks) { inbox.post(.streamClosed(id: id)) }
    }

    mutating func streamEnded(_ id: Int) { streams.removeValue(forKey: id)?.finish() }

    func forgetContainer(_ id: String) { containers.forget(id) }
}
