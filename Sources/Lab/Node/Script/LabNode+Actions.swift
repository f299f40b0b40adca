public import Daemons
public import Reconciler
internal import Specs

/// Ends an action: the script's `conclude`.
struct Concluded: Error {
    var result: ActionResult
    init(_ result: ActionResult) { self.result = result }
    static let already = Concluded(.alreadyInPlace)
    static let changed = Concluded(.done(detail: ""))
    static func done(_ detail: String) -> Concluded { Concluded(.done(detail: detail)) }
    static func failed(_ reason: String) -> Concluded { Concluded(.failed(reason: reason)) }
    static func conflict(_ found: String) -> Concluded { Concluded(.conflict(found: found)) }
}

extension LabNode {
    /// Why actions are not put to a node at all: nothing is begun that cannot be finished.
    /// - Returns: nil where they are.
    public static func refusal(of actions: [NodeAction], run: RunID) -> ActionResult? {
        guard let refused = Argument.name(run.text) ?? actions.lazy.compactMap(\.refusal).first else { return nil }
        return .failed(reason: "\(refused); none of these \(actions.count) actions was begun")
    }

    /// Performs one action as the node script does; `content` of writes is plain already (the world reveals secrets).
    ///
    /// Takes no time: where the script would wait for a job (`collect`), `.pending` is answered at once, and `jobEnds` says
    /// when to ask again.
    public mutating func perform(_ action: NodeAction, run: RunID, at now: Moment) -> ActionResult {
        advance(to: now)
        if let refused = Self.refusal(of: [action], run: run) { return refused }
        do throws(Concluded) {
            switch action {
            case .writeFile(let write): try writeFile(write, run, now)
            case .removeFile(let path, let expected, let readBy): try removeFile(path, expected, readBy, run, now)
            case .service(let act): try actOnService(act, now)
            case .keepRunningCopies(let service, let paths): try keepCopies(of: paths, for: service, now)
            case .installPackages(let packages, let job): try install(packages, job: job, run, now)
            case .collect(let job, _): try collect(job, run, now)
            case .lease(let act): try actOnLease(act, run, now)
            case .recordApplied(let entries): try record(entries, run, now)
            case .setHostName(let name): try rename(name)
            case .image(let act): try actOnImage(act, run, now)
            case .network(let act): try actOnLink(act, now)
            }
        } catch {
            return error.result
        }
        return .failed(reason: "the node's shell gave up on it half-way (status 1); observe the node again")
    }
}

/// Where the product keeps its own files on a node (common.sh).
enum StatePath {
    static let state = "/var/lib/reconciler"
    static let runtime = "/run/reconciler"
    static func copies(of service: ServiceName) -> String { "\(state)/running/\(service)" }
}
