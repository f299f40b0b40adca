public import Daemons
public import Reconciler
internal import Specs

extension LabNode {
    /// The answer to a request.
    ///
    /// - Parameters:
    ///   - request: What the engine asks.
    ///   - now: The world's time.
    ///   - help: What a program's `--help` prints; nil where nobody knows.
    /// - Returns: nil for a question that the network answers (four-letter word, HTTP): the world's.
    public func answer(
        _ request: FactRequest,
        at now: Moment,
        help: (LabProgram, _ version: String) -> String? = { _, _ in nil }
    ) -> FactAnswer? {
        switch request {
        case .fourLetterWord, .http: nil
        default: .unknown(reason: "not asked yet")
        }
    }

    /// Performs one action; `content` of writes is plain already (the world reveals secrets).
    ///
    /// Takes no time: where the script would wait for a job (`collect`), `.pending` is answered at once, and `jobEnds` says
    /// when to ask again.
    public mutating func perform(_ action: NodeAction, run: RunID, at now: Moment) -> ActionResult {
        .failed(reason: "not done yet")
    }

    /// When a detached job ends or has ended; nil where there is no such job.
    public func jobEnds(_ job: String, run: RunID) -> Moment? { jobs["\(run)/\(job)"]?.ends }

    /// Supervisors' restarts, detached jobs, the end of a boot.
    public mutating func advance(to now: Moment) {}

    /// When `advance` has something to do next.
    public var wakes: Moment? { bootsAt }

    /// A process ended by itself; its supervisor acts.
    public mutating func ended(pid: Int, status: Int, message: String, at now: Moment) {}

    /// An orderly restart; the node is back after `milliseconds`.
    public mutating func reboot(at now: Moment, takes milliseconds: Int = 45_000) {}

    /// As if the plug was pulled.
    public mutating func powerOff(at now: Moment) {}

    /// Boots a node that is down.
    public mutating func powerOn(at now: Moment, takes milliseconds: Int = 45_000) {}

    /// Docker as an agent finds it: the override, or what follows from the package and its service; nil without either.
    public var docker: DockerProbe? { dockerProbe }

    mutating func layBaseSystem(at now: Moment) {}
}
