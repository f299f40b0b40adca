internal import Glibc
internal import Reconciler
internal import Specs

/// The keys of this run in authorized_keys of nodes that feed others.
actor FeederKeys {
    struct Key: Hashable, Sendable {
        var feeder: NodeTarget
        /// The comment at the end of its line.
        var marker: String
        /// Where the line is; empty for the login user's own file.
        var file: String
    }

    private var standing: Set<Key> = []

    func add(_ key: Key) { standing.insert(key) }

    /// - Returns: what the feeder said where its key could not be taken away; then `close` tries again.
    @discardableResult
    func revoke(_ key: Key, shell: HostShell) async -> String? {
        guard standing.contains(key) else { return nil }
        let call = ShellCall("revoke", [key.file, key.marker])
        // Also when the run is being cancelled: it must not stay.
        let removal = Task { () -> String? in
            do throws(NodeAccessError) {
                let ended = try await shell.ask([call], of: .feeder, at: .node(key.feeder), asLogin: true)
                let said = lastLine(String(decoding: ended.value, as: UTF8.self))
                return said == "done" ? nil : said
            } catch {
                return error.message
            }
        }
        let words = await removal.value
        if words == nil { standing.remove(key) }
        return words
    }

    func close(shell: HostShell) async {
        for key in standing.sorted(by: { $0.marker < $1.marker }) { await revoke(key, shell: shell) }
    }
}

/// How a node reaches its feeder.
struct FeederDoor: Hashable, Sendable {
    var user: String
    var address: String
    var port: Int
    /// Lines of known_hosts.
    var knownHosts: String
    /// The private key, as ssh reads it.
    var key: [UInt8]

    /// What the feeder said when it took the key.
    init?(_ said: String, of feeder: NodeTarget, key: [UInt8]) {
        let lines = said.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        guard lines.last == ["done"] else { return nil }
        guard let user = lines.first(where: { $0.first == "user" })?.last else { return nil }
        let hostKeys = lines.filter { $0.count == 2 && $0[0] == "key" }.map { "feeder \($0[1])" }
        guard !hostKeys.isEmpty else { return nil }
        self.user = user
        address = feeder.address
        port = feeder.ssh.port?.value ?? 22
        knownHosts = hostKeys.joined(separator: "\n")
        self.key = key
    }
}
