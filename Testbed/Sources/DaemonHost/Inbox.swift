import Daemons
import Serving

/// All that reaches a daemon, in the order in which it is taken up.
enum Input: Sendable {
    case event(DaemonEvent)
    /// `wakes` may have been reached.
    case wake
    case request(HTTPRequest, CheckedContinuation<RequestOutcome, Never>)
    /// What a ZooKeeper session's threads say; `session` tells an old handle from the present one.
    case session(SessionNews, session: Int)
    /// The connection to a peer is over, or could not be made.
    case linkEnded(LinkID)
}

/// What the model made of a request, as far as the loop itself can carry it.
enum RequestOutcome: Sendable {
    case reply(HTTPReply)
    case forward(HTTPForward)
    case askAgain(milliseconds: Int)
}

/// Where every thread and task of the process leaves what concerns the daemon.
///
/// Inputs are taken one at a time, so that the model and all that belongs to it need no locks.
struct Inbox: Sendable {
    private let continuation: AsyncStream<Input>.Continuation

    static func make() -> (inbox: Inbox, inputs: AsyncStream<Input>) {
        let (inputs, continuation) = AsyncStream.makeStream(of: Input.self)
        return (Inbox(continuation: continuation), inputs)
    }

    func post(_ input: Input) { continuation.yield(input) }

    func post(_ event: DaemonEvent) { post(.event(event)) }

    func ask(_ request: HTTPRequest) async -> RequestOutcome {
        await withCheckedContinuation { post(.request(request, $0)) }
    }
}
