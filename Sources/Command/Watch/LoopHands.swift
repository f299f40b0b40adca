internal import Reconciler
internal import Specs
internal import Synchronization

/// How the loop gets at the cluster, a connection a round.
struct LoopHands: Sendable {
    var connection: Connection
    var connect: @Sendable (Declared, Connection, _ body: Wiring.Body) async throws -> Void

    /// Of one declaration.
    func open(_ declared: Declared) -> LoopDeclaration.Open {
        { writes, interruption, body in
            var connection = connection
            connection.takesLease = writes
            // What earlier runs have left open is looked into under the lease, and for a look it is of no matter.
            if !writes { connection.journal = nil }
            connection.mayAsk = false
            connection.interruption = interruption
            connection.command = "reconciler watch"
            do {
                try await connect(declared, connection) { loop in try await body(loop) }
            } catch let stop as Stop {
                throw LoopTrouble(isBusy: stop.isLeaseHeld, stop.message ?? "it ended with status \(stop.status.code)")
            }
        }
    }
}

/// Passes on what was not said the last time already.
final class TellingOnce: Sendable {
    private let last = Mutex<[String]>([])
    private let pass: @Sendable (String) -> Void

    init(_ pass: @escaping @Sendable (String) -> Void) { self.pass = pass }

    @Sendable func tell(_ sentences: [String]) {
        let news = last.withLock { last in
            defer { last = sentences }
            return sentences.filter { !last.contains($0) }
        }
        for sentence in news { pass(sentence) }
    }
}
