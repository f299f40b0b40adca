internal import ArgumentParser
internal import Reconciler
internal import Rendering
internal import Specs
internal import Transport

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "The daily loop: looks every interval and at each commit, tells, and corrects what it may.",
        discussion: """
            It only tells, unless --correct or watch.correct says otherwise, and corrects within watch.kinds, watch.windows \
            and policy.budget.nodes. What was corrected three times within an hour and came back is left to people. SIGTERM \
            and Ctrl-C finish the step in hand and end the loop; a second one cuts the step. `pause` and `resume` steer it. \
            With --listen it can be seen by HTTP, from this machine alone.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var nodes: NodeOptions
    @OptionGroup var state: StateOptions

    @Option(
        help: ArgumentHelp("Time between looks, such as 5m; else watch.interval, else 5m.", valueName: "t")
    )
    var interval: WaitingTime?

    @Flag(help: "Correct what may be corrected, also without watch.correct.")
    var correct = false

    @Option(
        help: ArgumentHelp("Follow a branch of this repository; --file is a path in it.", valueName: "url")
    )
    var git: String?

    @Option(help: ArgumentHelp("The branch to follow.", valueName: "name"))
    var branch = "main"

    @Flag(help: "One round, then end: 0 in sync, 2 something is left, 3 refused or held, 4 incomplete, 1 failed.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Serve /healthz, /metrics and /api/v1 on loopback, such as 127.0.0.1:9095; port 0 takes a free one.",
            valueName: "addr"
        )
    )
    var listen: ListenAddress?

    @Option(help: "text, or json-lines: a document for each notice.")
    var format = TextOrJSONLines.text

    @Flag(help: "Send one test notice to watch.webhook, say what it answered, and end.")
    var testWebhook = false

    func validate() throws {
        if let interval, interval.seconds < 10 { throw ValidationError("--interval must be at least 10s") }
        guard git != nil || branch == "main" else { throw ValidationError("--branch needs --git") }
        if let git, git.hasPrefix("-") || git.isEmpty { throw ValidationError("--git: `\(git)` is no repository") }
        guard !branch.isEmpty, !branch.hasPrefix("-"), !branch.contains(where: { " ~^:?*[\\".contains($0) }),
            !branch.contains("..")
        else { throw ValidationError("--branch: `\(branch)` is no branch") }
        if let listen {
            guard listen.isLoopback else {
                throw ValidationError(
                    """
                    --listen: \(listen.host.isEmpty ? "no address" : "`\(listen.host)`") is not loopback, and whoever comes \
                    there would not be asked who they are: say 127.0.0.1:\(listen.port) or [::1]:\(listen.port), and let \
                    others in by `ssh -L` or a reverse proxy that asks them
                    """
                )
            }
            guard !once else { throw ValidationError("--listen is for a loop that goes on, not for --once") }
        }
        if git != nil, options.file.hasPrefix("/") {
            throw ValidationError("--file is a path in the repository, and \(options.file) is an absolute one")
        }
    }

    func run() async throws {
        guard let listen else { return try await watch(nil) }
        // First of all: whoever gives an address that is taken has perhaps started a loop already.
        let endpoint = LoopEndpoint(listen)
        try await endpoint.serve { try await watch(endpoint) }
    }

    private func watch(_ endpoint: LoopEndpoint?) async throws {
        let mirror = try mirrorDirectory()
        let mirrorHold = try mirror.map(hold)
        defer { mirrorHold?.release() }
        let source = source(mirror)
        let declared = try await source.first()
        if testWebhook { return try await sendTestNotice(declared) }
        let surroundings = Surroundings.current
        let directory = try state.directory(of: declared.spec.cluster.value, lab: nodes.lab ? nodes.place : nil)
        let stateHold = directory == mirror ? nil : try hold(directory)
        defer { stateHold?.release() }
        let listeners = try WatchListeners(for: self, declared, endpoint, in: LoopStore(directory))
        let stop = Interruption()
        let verdict = try await surroundings.interrupts.handled(by: { signal, count in
            stop.trip()
            // Whoever asks a third time does not want to wait for anything.
            if count > 2 { leave(signal.status) }
        }) {
            let kept = Kept()
            try await listeners.accompany {
                try await surroundings.wiring.reside(declared, nodes.lab ? nodes.place : nil) { residence in
                    let store = LoopStore(directory)
                    let cluster = declared.spec.cluster.value
                    await kept.set(try await loop(source, of: cluster, in: residence, store, listeners, until: stop))
                }
            }
            return await kept.verdict
        }
        guard once, surroundings.interrupts.first == nil else { return }
        guard verdict.status == .success else { throw Stop(verdict.status) }
    }

    /// Where the mirror of --git is kept, which two loops would take away from each other; nil where there is none.
    private func mirrorDirectory() throws -> StateDirectory? {
        guard let git else { return nil }
        // Which cluster it is can be known only once it was read.
        return try state.directory(of: "git-\(sha256("\(git)\n\(branch)\n\(options.file)").prefix(16))")
    }

    /// Keeps other loops off.
    private func hold(_ directory: StateDirectory) throws -> LoopHold {
        switch try attempted({ () throws(StateError) in try LoopHold.of(directory) }) {
        case .ours(let hold): return hold
        case .held(let pid):
            throw Stop(
                .refused,
                """
                another loop (\(pid.map { "process \($0)" } ?? "of an unknown process")) keeps its state in \
                \(directory.path): end that one first, or say another --state-directory where it is for another cluster
                """
            )
        }
    }

    private func source(_ mirror: StateDirectory?) -> any DeclarationSource {
        guard let git, let mirror else { return FileDeclarations(file: options.file) }
        return GitDeclarations(
            mirror: GitMirror(
                url: git,
                branch: branch,
                in: state.stateDirectory == nil ? mirror.path : mirror.file("git")
            ),
            file: options.file,
            tell: Surroundings.current.console.complain
        )
    }

    private func loop(
        _ source: any DeclarationSource,
        of cluster: String,
        in residence: Residence,
        _ store: LoopStore,
        _ listeners: WatchListeners,
        until stop: Interruption
    ) async throws -> Verdict {
        let connect = residence.connect ?? Surroundings.current.wiring.connect
        let complain = Surroundings.current.console.complain
        var connection = nodes.connection
        connection.journal = state.journal(in: store.directory)
        connection.events = { listeners.hear($0) }
        connection.aftermath = TellingOnce(complain).tell
        let hands = LoopHands(connection: connection, connect: connect)
        let reader = WatchedSource(source: source) { declared, revision, identity in
            listeners.follow(declared)
            return LoopDeclaration(
                cluster: declared.spec.cluster.value,
                identity: identity,
                revision: revision,
                limits: LoopLimits(declared.spec, corrects: correct ? true : nil),
                ignore: declared.spec.other.watch.ignore.map { ResourcePattern($0.value) },
                intervalSeconds: interval?.seconds ?? declared.spec.other.watch.seconds,
                open: hands.open(declared)
            )
        }
        let tools = LoopTools(store, residence, listeners, complain: complain)
        var loop = WatchLoop(cluster: cluster, source: reader, tools: tools)
        await loop.run(until: stop, rounds: once ? 1 : nil)
        return Verdict(loop.status)
    }
}

private actor Kept {
    private(set) var verdict = Verdict()
    func set(_ verdict: Verdict) { self.verdict = verdict }
}

extension WatchSpec {
    /// Seconds between looks; five minutes where nothing is said.
    fileprivate var seconds: Int {
        interval.map { max(10, Int($0.value.nanoseconds / 1_000_000_000)) } ?? 300
    }
}

extension Verdict {
    /// Of the last round.
    fileprivate init(_ status: LoopStatus) {
        self.init()
        switch status.lastRound?.outcome {
        case .inSync, .corrected, .reported, .paused: break
        case .failed, nil: hasFailed = true
        case .refused, .busy: isRefused = true
        case .incomplete: isIncomplete = true
        }
        hasChanges = status.items.contains { $0.state != .corrected }
    }
}
