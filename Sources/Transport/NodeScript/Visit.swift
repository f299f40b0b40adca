internal import Reconciler
internal import Specs

/// What is to be asked or done on a node in one go, and how the script's output is turned into answers.
///
/// The two conformers of `NodeAccess` differ only in how they run the script.
enum Visit {
    /// Runs a script within a time limit and returns all it printed.
    typealias Runner = (NodeScript, Duration) async throws(NodeAccessError) -> Printed

    /// What a script's shell left behind.
    struct Printed: Hashable {
        var output: [UInt8]
        /// The end of standard error.
        var errors: String
        /// How the shell ended, such as "exit status 1".
        var ending: String
    }

    static func observe(
        _ requests: [FactRequest],
        at place: NodeScript.Place,
        deadline: Duration,
        run: Runner
    ) async throws(NodeAccessError) -> [FactAnswer] {
        let calls = requests.map { request in Result { () throws(CallRefused) in try request.call() } }
        let asked = calls.compactMap { try? $0.get() }
        let script = NodeScript.observing(asked, nonce: NodeScript.randomNonce(), at: place)
        let transcript = try transcript(of: script, printed: try await run(script, deadline))
        guard transcript.answers.count == asked.count else {
            throw NodeAccessError(
                .protocolViolation,
                "the node answered \(transcript.answers.count) of \(asked.count) requests"
            )
        }
        var answers = transcript.answers.makeIterator()
        return zip(requests, calls).map { request, call in
            switch call {
            case .failure(let refused): .unknown(reason: refused.reason)
            case .success: answers.next().map(request.read) ?? .unknown(reason: "no answer")
            }
        }
    }

    static func perform(
        _ actions: [NodeAction],
        run: RunID,
        secrets: SecretStore,
        at place: NodeScript.Place,
        deadline: Duration,
        runner: Runner
    ) async throws(NodeAccessError) -> [ActionResult] {
        var calls: [ShellCall] = []
        do {
            _ = try CallArgument.name(run.text)
            for action in actions { calls.append(try action.call(secrets: secrets)) }
        } catch {
            // Nothing is begun that cannot be finished.
            return [.failed(reason: "\(error.reason); none of these \(actions.count) actions was begun")]
        }
        guard !calls.isEmpty else { return [] }
        let script = NodeScript.performing(calls, run: run, nonce: NodeScript.randomNonce(), at: place)
        let limit = actions.map(\.bound).reduce(deadline, +)
        let transcript = try transcript(of: script, printed: try await runner(script, limit))
        let results = transcript.answers.map(ActionResult.init)
        guard results.count <= calls.count, !results.isEmpty else {
            throw NodeAccessError(
                .protocolViolation,
                "the node reported \(results.count) results of \(calls.count) actions"
            )
        }
        return results
    }

    private static func transcript(of script: NodeScript, printed: Printed) throws(NodeAccessError) -> Transcript {
        do {
            return try Transcript(printed.output, nonce: script.nonce)
        } catch {
            throw ScriptFailure.error(for: error, printed: printed)
        }
    }
}
