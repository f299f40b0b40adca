internal import Reconciler
internal import Specs

/// Where a script of the courier runs.
enum ShellPlace: Hashable, Sendable, CustomStringConvertible {
    case here
    case node(NodeTarget)

    var description: String {
        switch self {
        case .here: "this machine"
        case .node(let node): SSHFailure.label(node)
        }
    }
}

/// The courier's shell sources, embedded in the program.
enum CourierLibrary: CaseIterable {
    case parts, feed, feeder, origin

    var text: String {
        let bytes =
            switch self {
            case .parts: PackageResources.parts_sh
            case .feed: PackageResources.feed_sh
            case .feeder: PackageResources.feeder_sh
            case .origin: PackageResources.origin_sh
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Runs shell scripts whose standard input and output are bytes, on this machine and on nodes.
struct HostShell: Sendable {
    var access: OpenSSHNodeAccess
    /// Waiting longer than this for a byte ends a session.
    var stall: Duration

    /// Runs `calls` of `library`; `body` has their standard input, and their output from its first byte on.
    ///
    /// - Parameters:
    ///   - calls: One after the other in one shell.
    ///   - library: Where their functions are.
    ///   - place: Where.
    ///   - asLogin: Not as root, even where visits are.
    ///   - stall: Instead of the usual patience.
    ///   - body: Its end is the end of their standard input.
    /// - Returns: What `body` returned, and how the shell ended.
    /// - Throws: `NodeAccessError` where the script was not begun, or the connection broke.
    func run<Value: Sendable>(
        _ calls: [ShellCall],
        of library: CourierLibrary?,
        at place: ShellPlace,
        asLogin: Bool = false,
        stall: Duration? = nil,
        _ body: @escaping @Sendable (ProcessPipes, inout ProcessPipes.Reader) async -> Value
    ) async throws(NodeAccessError) -> StreamedProcess.Ended<Value> {
        let nonce = NodeScript.randomNonce()
        let script = Array(Self.script(calls, of: library, nonce: nonce).utf8)
        // A shell that reads its script from where the bytes come would read too far; and no login shell is asked to
        // understand more than this line.
        let command = "sh -c 'eval \"$(dd bs=1 count=\(script.count) 2>/dev/null)\"'"
        let ended = try await process(command, at: place, asLogin: asLogin, stall: stall ?? self.stall) {
            (pipes) -> Value? in
            guard await pipes.write(script) else { return nil }
            var reader = pipes.reader()
            guard await Self.skip(to: nonce, in: &reader) else { return nil }
            return await body(pipes, &reader)
        }
        guard let value = ended.value else {
            throw ScriptFailure.error(
                for: .notBegun(noise: ""),
                printed: Visit.Printed(output: [], errors: ended.errors, ending: ended.ending)
            )
        }
        return StreamedProcess.Ended(
            value: value,
            exitCode: ended.exitCode,
            ending: ended.ending,
            errors: ended.errors
        )
    }

    /// As `run`, for scripts that read nothing and say a little.
    func ask(
        _ calls: [ShellCall],
        of library: CourierLibrary?,
        at place: ShellPlace,
        asLogin: Bool = false,
        stall: Duration? = nil
    ) async throws(NodeAccessError) -> StreamedProcess.Ended<[UInt8]> {
        try await run(calls, of: library, at: place, asLogin: asLogin, stall: stall) { pipes, reader in
            await pipes.finish()
            var said: [UInt8] = []
            while said.count < Self.most, let piece = await reader.next() { said += piece }
            return said
        }
    }

    /// More than this is no answer to a question.
    private static let most = 16 << 20

    private func process<Value: Sendable>(
        _ command: String,
        at place: ShellPlace,
        asLogin: Bool,
        stall: Duration,
        _ body: @escaping @Sendable (ProcessPipes) async -> Value
    ) async throws(NodeAccessError) -> StreamedProcess.Ended<Value> {
        switch place {
        case .node(let node):
            let sudo = !asLogin && node.ssh.become?.value == .sudo
            return try await access.session(sudo ? "sudo -n \(command)" : command, on: node, stall: stall, body)
        case .here:
            let process = StreamedProcess(program: "/bin/sh", arguments: ["-c", command], stall: stall)
            do {
                return try await process.run(in: access.socketDirectory, body)
            } catch {
                throw NodeAccessError(error, running: "this machine", within: stall)
            }
        }
    }

    static func script(_ calls: [ShellCall], of library: CourierLibrary?, nonce: String) -> String {
        let head = """
            LC_ALL=C
            PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            export LC_ALL PATH
            umask 077
            printf '\\nreconciler %s begin\\n' \(shellQuoted(nonce))
            """
        return ([head, library?.text ?? ""] + calls.map(\.text) + [""]).joined(separator: "\n")
    }

    /// Passes over whatever a profile prints before the script's first word.
    private static func skip(to nonce: String, in reader: inout ProcessPipes.Reader) async -> Bool {
        var skipped = 0
        while skipped < 65_536, let line = await reader.line() {
            if line == "reconciler \(nonce) begin" { return true }
            skipped += line.utf8.count + 1
        }
        return false
    }
}
