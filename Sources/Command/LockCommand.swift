internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs
internal import Transport

struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Who holds the cluster's lease, and how to take it from somebody who is gone.",
        subcommands: [LockStatusCommand.self, LockBreakCommand.self],
        defaultSubcommand: LockStatusCommand.self
    )
}

struct LockStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Asks every node that keeps the lease; writes nothing.",
        discussion: "Ends with 4 where some of them do not answer."
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions

    @Option(help: "text or json.")
    var format = TextOrJSON.text

    func run() async throws {
        let declared = try await options.readSpec(asJSON: format == .json)
        try await Surroundings.current.wiring.keepers(declared, nodes.connection) { keepers, _ in
            let sight = await keepers.look()
            try Task.checkCancellation()
            switch format {
            case .json: Surroundings.current.console.write(LeaseDocument(sight).json)
            case .text: Surroundings.current.console.write(LeaseView(sight, style: options.style).text)
            }
            guard sight.isComplete else { throw Stop(.incomplete) }
        }
    }
}

struct LockBreakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break",
        abstract: "Takes the lease from whoever holds it; a lease that nobody renews runs out by itself within 20 s.",
        discussion: """
            A run that is still at work stops when it finds its lease gone, after what it has in hand. Ends with 3 where \
            another has taken the lease meanwhile: then nothing is taken from that one.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "Do not ask.")
    var yes = false

    private var console: Console { Surroundings.current.console }

    func run() async throws {
        guard yes || console.canAsk else {
            throw Stop(.usage, "lock break needs --yes where standard input is no terminal: nobody can be asked")
        }
        let declared = try await options.readSpec()
        let journal = try state.journal(of: declared.spec.cluster.value, lab: nodes.lab ? nodes.place : nil)
        try await Surroundings.current.wiring.keepers(declared, nodes.connection) { keepers, run in
            try await breakLease(keepers, LeaseBreak(run: run, declared: declared, journal: journal))
        }
    }

    private func breakLease(_ keepers: LeaseKeepers, _ plan: LeaseBreak) async throws {
        let sight = await keepers.look()
        try Task.checkCancellation()
        console.write(LeaseView(sight, style: options.style).text)
        guard let owner = sight.owners.first?.owner else {
            guard sight.isComplete else { throw Stop(.incomplete, "nobody is seen to hold it; nothing was done") }
            return
        }
        guard try await agrees(to: owner) else {
            throw Stop(.failure, "nothing was done: the answer was not \"yes\"")
        }
        let now = await keepers.look()
        try Task.checkCancellation()
        if let other = now.owners.first?.owner, other.holder != owner.holder {
            throw Stop(.refused, "\(other.holder.words) has taken the lease meanwhile; nothing was done")
        }
        let results: [NodeName: LeaseKeepers.Release]
        do throws(JournalError) {
            results = try await plan.carryOut(owner, now, by: keepers)
        } catch {
            throw Stop(.failure, "\(error); nothing was done")
        }
        try tell(results)
    }

    private func agrees(to owner: LeaseOwner) async throws -> Bool {
        guard !yes else { return true }
        console.log("Take the lease from \(owner.holder.words)? [yes/no] ")
        let interrupts = Surroundings.current.interrupts
        return try await console.readLine { interrupts.first != nil } == "yes"
    }

    private func tell(_ results: [NodeName: LeaseKeepers.Release]) throws {
        var status = ExitStatus.success
        for (node, result) in results.sorted(by: { $0.key < $1.key }) {
            console.write("\(node): \(result.words)\n")
            switch result {
            case .released, .wasFree: break
            case .changed: status = .refused
            case .failed: if status == .success { status = .incomplete }
            }
        }
        guard status == .success else { throw Stop(status) }
    }
}

/// The taking of a lease, with its place in the journal.
struct LeaseBreak: Sendable {
    let run: RunID
    let declared: Declared
    let journal: FileJournal

    /// - Throws: What could not be written before; then nothing was done.
    func carryOut(
        _ owner: LeaseOwner,
        _ sight: LeaseSight,
        by keepers: LeaseKeepers
    ) async throws(JournalError) -> [NodeName: LeaseKeepers.Release] {
        let who = LeaseHolder.thisProcess(token: run.text, command: "reconciler lock break")
        let began = JournaledRun(
            cluster: declared.spec.cluster.value,
            file: declared.source.file,
            revision: declared.source.revision,
            command: who.command,
            user: who.user,
            host: who.host,
            pid: who.pid,
            steps: 0,
            planDigest: nil
        )
        let words = ["take the lease from \(owner.holder.words)"]
        let place = sight.keepers.map(\.node.text).joined(separator: ", ")
        try journal.append(.began(began), of: run)
        try journal.append(.act(JournaledAct(number: 1, step: nil, place: place, words: words)), of: run)
        let results = await keepers.release(owner, in: sight, run: run)
        let told = results.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.words)" }.joined(separator: "; ")
        // It is done; that the rest cannot be written must not look as if it were not.
        try? journal.append(.acted(number: 1, results: [told]), of: run)
        try? journal.append(.ended(.completed, counts: [:]), of: run)
        return results
    }
}

extension LeaseKeepers.Release {
    fileprivate var words: String {
        switch self {
        case .released: "released"
        case .wasFree: "was free by then"
        case .changed(let other): "left, since \(other) holds it by now"
        case .failed(let reason): "not known: \(reason)"
        }
    }
}
