internal import ArgumentParser
internal import Reconciler
internal import Specs
internal import Transport

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Ends a pause, or lets the loop correct again what it has given up.",
        discussion: """
            Without an argument it ends the pause. An item is written as the loop tells it, such as \
            "mesos-slave2 file:/etc/mesos/zk" or app:/hello.
            """
    )

    @OptionGroup var place: LoopPlace

    @Argument(help: "What the loop has given up: `NODE RESOURCE`, or `app:/ID`.")
    var item: [String] = []

    @Flag(help: "Everything that the loop has given up.")
    var all = false

    func validate() throws {
        guard !all || item.isEmpty else { throw ValidationError("name items or say --all, not both") }
    }

    func run() async throws {
        let (store, now) = try await place.open()
        let console = Surroundings.current.console
        if item.isEmpty, !all {
            let wasPaused = store.pause.value?.holds(at: now) ?? (store.pause != .absent)
            _ = try attempted { () throws(StateError) in try store.endPause() }
            console.write(wasPaused ? "The pause is over.\n" : "It was not paused.\n")
            tell(try raised(in: store), "still given up, by name or with --all")
            return try place.tellOfLoop(in: store, at: now)
        }
        let raised = try raised(in: store)
        let named = item.joined(separator: " ")
        let chosen = raised.filter { all || $0.description == named }
        guard !chosen.isEmpty else {
            guard !raised.isEmpty else { throw Stop(.failure, "the loop has given nothing up; nothing was done") }
            let names = raised.map { "  \($0)" }.joined(separator: "\n")
            throw Stop(.failure, "`\(named)` was not given up; what was:\n\(names)")
        }
        try attempted { () throws(StateError) in try store.resume(all ? nil : chosen[0], by: thisPerson(), at: now) }
        for item in chosen { console.write("Corrected again from the next look on: \(item)\n") }
        try place.tellOfLoop(in: store, at: now)
    }

    private func raised(in store: LoopStore) throws -> [LoopItem] {
        let kept = try attempted { () throws(StateError) in try store.kept() }
        return kept?.memory.breaker.raised.keys.sorted() ?? []
    }

    private func tell(_ raised: [LoopItem], _ words: String) {
        guard !raised.isEmpty else { return }
        let names = raised.map { "  \($0)\n" }.joined()
        Surroundings.current.console.write("\(raised.count) \(words):\n\(names)")
    }
}
