import Daemons
import Testing

/// The whole walkthrough as `testbed seed` writes it, in the place of the testbed's own cluster.yaml, and what clients and
/// nodes see of what became of it.
struct WalkthroughBench {
    /// What the product's texts are held to, all in one place.
    enum Words {
        static let nothingToDo = "No changes."
        static let fingerprint = "fingerprint"
        /// gpgv's, in what apt says of a signature by a key that it was not given.
        static let foreignKey = "NO_PUBKEY"
        static let cronFile = "/etc/cron.d/haproxy-marathon-bridge"
        static let configuration = "haproxy.cfg"
        static let loopbackName = "127.0.1.1"
        static let clock = "clock"
    }

    static let masters = zip(TestbedHarness.masters, TestbedHarness.addresses)

    let bed: TestbedHarness
    let cluster: MesosWitness

    /// The nodes stay as they are.
    init(_ bed: TestbedHarness) async throws {
        self.bed = bed
        cluster = MesosWitness(bed)
        // Chapters may be tried one by one, and the host is booted by nobody else.
        try await bed.bed("image-host", "up")
        try await bed.bed("seed", bed.directory)
    }

    // MARK: The product

    func plan(_ arguments: String...) async throws -> TestbedHarness.Result { try await run("plan", arguments) }

    func apply(_ arguments: String...) async throws -> TestbedHarness.Result {
        try await run("apply", ["--yes"] + arguments)
    }

    /// Images are kept apart from what root has at home.
    private func run(_ command: String, _ arguments: [String]) async throws -> TestbedHarness.Result {
        try await TestbedHarness.run(
            bed.testbed,
            ["operator", "env", "XDG_CACHE_HOME=\(bed.directory)/cache", bed.binary, command]
                + ["-f", "\(bed.directory)/cluster.yaml", "--ssh-config", bed.sshConfig] + arguments
        )
    }

    /// Applies and fails the test unless everything is done.
    func applyAll() async throws {
        let apply = try await apply("--lock-timeout", "40s")
        try #require(apply.status == 0, "\(apply)")
    }

    func expectNothingToDo() async throws {
        let plan = try await plan("--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains(Words.nothingToDo), "\(plan)")
    }

    // MARK: The balancers

    /// Replaces a text in one of the files beside cluster.yaml; fails when it is not there.
    func edit(_ file: String, _ old: String, _ new: String) async throws {
        let path = "\(bed.directory)/\(file)"
        let text = try await TestbedHarness.run("/bin/cat", [path]).output
        try #require(text.contains(old), "\(file) has no “\(old)”")
        let edited = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        try bed.write(edited, to: path)
    }

    /// How many servers of an app a master's HAProxy is configured with.
    func servers(_ app: String, on master: String) async throws -> Int? {
        Int(try await bed.on(master, "grep -c '^ *server \(app)-[0-9]' /etc/haproxy/haproxy.cfg").output.trimmed)
    }

    /// Waits until cron has brought every balancer so many servers: a refresh comes every minute.
    func waitForServers(_ count: Int) async throws {
        for master in TestbedHarness.masters {
            try await bed.wait(75, for: "\(master) to have \(count) servers of nginx") {
                try await servers("nginx", on: master) == count
            }
        }
    }

    /// Names of the agents whose containers answer through a balancer.
    func answering(through address: String) async throws -> Set<String> {
        let homes = try await containers()
        let answers = try await bed.operatorShell(
            """
            for i in $(seq 12); do
                curl -sSf -m 5 -D - -o /dev/null http://\(address)/ | tr -d '\\r' | sed -n 's/^[Xx]-[Cc]ontainer: //p'
            done
            """
        )
        let names = answers.output.split(separator: "\n").map(String.init)
        try #require(names.count == 12, "\(address): \(answers)")
        return Set(try names.map { try #require(homes[$0], "no agent runs a container \($0)") })
    }

    /// Agents by the short ids of the containers that they run.
    private func containers() async throws -> [String: String] {
        var homes: [String: String] = [:]
        for agent in TestbedHarness.agents {
            let list = try await bed.on(agent, "docker ps -q")
            for id in list.output.split(separator: "\n") { homes[String(id)] = agent }
        }
        return homes
    }

    /// Refreshes as cron does, without its minute.
    func refresh(_ master: String) async throws {
        try await bed.on(
            master,
            """
            haproxy-marathon-bridge logged refresh_system_haproxy $(cat /etc/haproxy-marathon-bridge/marathons) ||
                true
            """
        )
    }

    /// Digests of the configurations of balancers.
    func configurations(of masters: [String]) async throws -> [String] {
        var digests: [String] = []
        for master in masters {
            digests.append(try await bed.on(master, "sha256sum < /etc/haproxy/haproxy.cfg").output)
        }
        return digests
    }

    func expectAnswers(_ words: String) async throws {
        for address in TestbedHarness.addresses {
            let answer = try await bed.operatorShell("curl -sSf -m 5 http://\(address)/")
            #expect(answer.output.contains("It works"), "\(words): \(address): \(answer)")
        }
    }
}

extension TestbedHarness {
    /// Bare systems as an installer leaves them: addresses by ifupdown, and no source of packages.
    func resetToInstalled() async throws {
        let status = try await Self.run(testbed, ["status"])
        if status.output.split(separator: "\n").contains("saved: installed") {
            try await bed("reset", "installed")
            return
        }
        try await bed("reset")
        try await bed("network", "all", "ifupdown")
        try await bed("packages", "hide")
        try await bed("save", "installed")
    }

    /// The version of a package that dpkg says is installed, without its epoch; nil: none.
    func installed(_ package: String, on node: String) async throws -> String? {
        let answer = try await on(
            node,
            "dpkg-query -W -f '${db:Status-Status} ${Version}' \(package) | sed -n 's/^installed //p'"
        )
        return answer.output.isEmpty ? nil : answer.output.trimmed
    }

    /// Packages that apt-mark says are held.
    func held(on node: String) async throws -> Set<String> {
        Set(try await on(node, "apt-mark showhold").output.split(separator: "\n").map(String.init))
    }

    /// When a service's process was started, on the clock that all nodes share.
    func started(_ service: String, on node: String) async throws -> Int {
        let time = try await on(node, "systemctl show -P ExecMainStartTimestampMonotonic \(service)")
        return try #require(Int(time.output.trimmed), "\(service) on \(node): \(time)")
    }
}
