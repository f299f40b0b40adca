internal import Glibc
public import Reconciler
internal import Specs

/// The node script on a directory of this machine that stands for a node's file system: for tests and rehearsals.
///
/// Every path of the script is under `root`. Of this machine's programs it can run only harmless ones (`cat`, `stat`, …);
/// whatever acts on a system (`systemctl`, `initctl`, `apt-get`, …) must be in `programs`, or it is not there. Processes
/// are this machine's own.
public struct ScratchRootNodeAccess: NodeAccess {
    /// A directory that stands for `/`.
    public var root: String
    /// The shell and its arguments, such as `["/bin/busybox", "sh"]`.
    public var shell: [String]
    /// Directories with programs that come before this machine's, such as a fake `systemctl`.
    public var programs: [String]
    public var secrets: SecretStore
    public var deadline: Duration

    public init(
        root: String,
        shell: [String] = ["/bin/sh"],
        programs: [String] = [],
        secrets: SecretStore = SecretStore(),
        deadline: Duration = .seconds(60)
    ) {
        self.root = root
        self.shell = shell
        self.programs = programs
        self.secrets = secrets
        self.deadline = deadline
    }

    public func observe(
        _ requests: [FactRequest],
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [FactAnswer] {
        try await visiting { (place, run) throws(NodeAccessError) in
            try await Visit.observe(requests, at: place, deadline: deadline, run: run)
        }
    }

    public func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        try await visiting { (place, runner) throws(NodeAccessError) in
            try await Visit.perform(
                actions,
                run: run,
                secrets: secrets,
                at: place,
                deadline: deadline,
                runner: runner
            )
        }
    }

    /// No visit shares anything with another.
    public func renew(_ node: NodeTarget) async {}

    /// What the script may use of this machine.
    static let harmless = [
        "[", "awk", "base64", "bash", "basename", "cat", "chmod", "chown", "cmp", "cp", "curl", "cut", "date", "dd",
        "df",
        "dirname", "env", "false", "find", "flock", "getconf", "getent", "grep", "head", "id", "ln", "ls", "mkdir",
        "mktemp",
        "mv", "nc", "perl", "printf", "readlink", "rm", "rmdir", "sed", "setsid", "sh", "sha256sum", "sleep", "sort",
        "stat",
        "tail", "timeout", "touch", "tr", "true", "uname", "wc",
    ]

    private func visiting<Value>(
        _ body: (NodeScript.Place, Visit.Runner) async throws(NodeAccessError) -> Value
    ) async throws(NodeAccessError) -> Value {
        guard let directory = PrivateDirectory() else {
            throw NodeAccessError(.diskFull, "/tmp: no directory can be made there")
        }
        // A detached job outlives the visit, and so must the programs it uses.
        let tools = "\(root)/.reconciler-tools"
        _ = mkdir(tools, 0o755)
        for name in ScratchRootNodeAccess.harmless { ScratchRootNodeAccess.link(name, in: tools) }
        let path = (programs + [tools]).joined(separator: ":")
        let outcome: Result<Value, NodeAccessError>
        do throws(NodeAccessError) {
            outcome = .success(
                try await body(.scratch(root: root, path: path)) { (script, limit) throws(NodeAccessError) in
                    try await run(script, within: limit, in: directory)
                }
            )
        } catch {
            outcome = .failure(error)
        }
        directory.remove()
        return try outcome.get()
    }

    private static func link(_ name: String, in tools: String) {
        let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        guard let place = places.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else { return }
        _ = symlink("\(place)/\(name)", "\(tools)/\(name)")
    }

    private func run(
        _ script: NodeScript,
        within limit: Duration,
        in directory: PrivateDirectory
    ) async throws(NodeAccessError) -> Visit.Printed {
        let child = ChildProcess(
            program: shell.first ?? "/bin/sh",
            arguments: shell.dropFirst() + ["-s"],
            input: Array(script.text.utf8),
            deadline: limit
        )
        do {
            let ended = try await child.run(in: directory.path)
            return Visit.Printed(output: ended.output, errors: ended.errors, ending: ended.ending)
        } catch {
            throw NodeAccessError(error, running: "the node script on \(root)", within: limit)
        }
    }
}
