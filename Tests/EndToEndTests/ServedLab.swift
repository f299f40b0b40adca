import Subprocess
import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A cluster in the embedded lab, applied and served on loopback: needs `RECONCILER_BINARY` and no testbed.
struct ServedLab {
    /// What a cluster runs, as cluster.yaml says it.
    struct Release: Sendable, CustomTestStringConvertible {
        var marathon: String
        var mesos: String
        var platform: String
        /// The nodes have addresses 10.77.`net`.x, so that two labs are served side by side.
        var net: Int
        /// Sections of cluster.yaml that only this release needs.
        var sections = ""

        var testDescription: String { "Marathon \(marathon)" }
    }

    let release: Release
    let binary: String
    let directory: String

    init(_ release: Release) throws {
        self.release = release
        guard let binary = getenv("RECONCILER_BINARY") else {
            throw TestbedHarness.Missing(description: "RECONCILER_BINARY is not set: run `make clients`")
        }
        self.binary = String(cString: binary)
        var template = Array("/tmp/reconciler-lab-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestbedHarness.Missing(description: "no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Where the Marathon of a master (1…3) is served.
    func marathon(_ master: Int) -> String { "http://127.77.\(release.net).\(master):8080" }

    /// Applies the cluster, serves it while `body` runs, and leaves neither a process nor a file behind.
    func whileServed(_ body: () async throws -> Void) async throws {
        let outcome: Result<Void, any Error>
        do {
            try await applied()
            try await served(body)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        _ = try await TestbedHarness.run("/bin/rm", ["-rf", directory])
        try outcome.get()
    }

    private func applied() async throws {
        let file = try #require(fopen("\(directory)/cluster.yaml", "w"))
        let isWritten = fputs(spec, file) >= 0
        try #require(fclose(file) == 0 && isWritten)
        let apply = try await run(300, binary, ["apply", "--lab", "--yes", "--quiet"] + place)
        try #require(apply.status == 0, "\(apply)")
    }

    private func served(_ body: () async throws -> Void) async throws {
        let server = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: .init(["-c", Self.guarded, "sh", binary, "lab", "serve"] + place),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        ) { server -> Result<Void, any Error> in
            let outcome: Result<Void, any Error>
            do {
                try await answers()
                try await body()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            try? server.send(signal: .terminate)
            return outcome
        }
        if case .failure(let error) = server.closureResult {
            Testing.Issue.record("\(error)\n--- lab serve\n\(server.standardOutput)\(server.standardError)")
        }
    }

    /// Runs its arguments until it is told to end, the test's process is gone, or 400 s have passed.
    private static let guarded = """
        timeout --kill-after=5 400 "$@" & server=$!
        trap 'kill $server 2> /dev/null' TERM
        while kill -0 $PPID && kill -0 $server; do sleep 0.5; done 2> /dev/null
        kill $server 2> /dev/null
        wait $server
        """

    /// Waits until each Marathon knows the leader.
    private func answers() async throws {
        for master in 1...3 {
            let asked = try await run(
                60,
                "/usr/bin/curl",
                ["--silent", "--fail", "--noproxy", "*", "--retry", "40", "--retry-delay", "1", "--retry-all-errors"]
                    + ["--max-time", "5", "\(marathon(master))/v2/leader"]
            )
            try #require(asked.status == 0, "\(marathon(master)): \(asked)")
        }
    }

    /// Runs a program with a deadline in seconds: status 124 where it was needed.
    func run(_ deadline: Int, _ program: String, _ arguments: [String]) async throws -> TestbedHarness.Result {
        try await TestbedHarness.run("/usr/bin/timeout", ["--kill-after=5", "\(deadline)", program] + arguments)
    }

    private var place: [String] { ["-f", "\(directory)/cluster.yaml", "--lab-directory", "\(directory)/lab"] }

    private var spec: String {
        let masters = (1...3).map {
            "  m\($0): {address: 10.77.\(release.net).\($0), roles: [zookeeper, mesos-master, marathon]}\n"
        }
        let agents = (1...3).map {
            "  a\($0): {address: 10.77.\(release.net).\($0 + 10), roles: [mesos-agent, docker]}\n"
        }
        return """
            version: 1
            cluster: clients-\(release.net)
            ssh: {user: nobody, become: sudo}
            platform: \(release.platform)
            versions: {mesos: \(release.mesos), marathon: \(release.marathon)}
            nodes:
            \((masters + agents).joined())
            zookeeper:
              ensemble: {1: m1, 2: m2, 3: m3}
            mesos:
              zk: /mesos
              quorum: 2
            marathon:
              zk: /marathon
            \(release.sections)
            """
    }
}
