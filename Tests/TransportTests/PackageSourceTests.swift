import FoundationEssentials
import Glibc
import Reconciler
import TestPrograms
import Testing

@testable import Transport

/// Repositories, pins, holds and locks as the node script handles them.
@Suite struct PackageSourceTests {
    static let source = PackageSource(name: "site", uri: "http://repos.example.org/ubuntu/")

    static func node(_ shell: Shell = .dash) throws -> ScratchRoot {
        let root = try PackageTests.node(shell)
        try root.program("apt-mark", FakePackages.aptMark)
        for directory in ["renewed", "depends"] {
            try FileManager.default.createDirectory(
                atPath: root.programs + "/state/" + directory,
                withIntermediateDirectories: true
            )
        }
        return root
    }

    private func ended(_ action: NodeAction, on root: ScratchRoot, seconds: Int = 90) async throws -> ActionResult {
        let job =
            switch action {
            case .installPackages(_, let job), .renewSources(_, let job): job
            default: ""
            }
        let began = try await root.act(action)
        guard began == .done(detail: "started") else { return began }
        return try await root.act(.collect(job: job, seconds: seconds))
    }

    // MARK: Renewal

    @Test("a renewal runs detached and says whose lists it renewed", arguments: Shell.allCases)
    func renewal(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        let renew = NodeAction.renewSources([Self.source], job: "sources")
        #expect(try await ended(renew, on: root) == .done(detail: "lists of site renewed"))
        let calls = try root.remembered("apt-log").split(separator: "\n")
        #expect(calls.count == 1 && calls.first?.hasSuffix(" update") ?? false)
        #expect(try root.entries("/usr/sbin").isEmpty, "a renewal keeps no service from starting")
    }

    @Test(
        "apt's complaint of a declared source fails the renewal, whatever apt's status is, and names the next move",
        arguments: [
            (
                "W: GPG error: http://repos.example.org trusty InRelease: The following signatures couldn't be verified "
                    + "because the public key is not available: NO_PUBKEY DF7D54CBE56151BF", 0, "signed by another key"
            ),
            (
                "W: GPG error: http://repos.example.org/ubuntu trusty InRelease: The following signatures were invalid: "
                    + "EXPKEYSIG DF7D54CBE56151BF Archive", 100, "has expired"
            ),
            (
                "E: GPG error: http://repos.example.org/ubuntu trusty InRelease: The following signatures were invalid: "
                    + "BADSIG DF7D54CBE56151BF", 100, "not what was signed"
            ),
            ("E: The repository 'http://repos.example.org/ubuntu trusty InRelease' is not signed.", 100, "reaches it"),
            (
                "W: Failed to fetch http://repos.example.org/ubuntu/dists/trusty/Release.gpg  Could not resolve "
                    + "'repos.example.org'", 0, "reaches it"
            ),
            (
                "W: Skipping acquire of configured file 'mian/binary-amd64/Packages' as repository "
                    + "'http://repos.example.org/ubuntu trusty InRelease' doesn't have the component 'mian' "
                    + "(component misspelt in sources.list?)", 0, "reaches it"
            ),
            (
                "E: Release file for http://repos.example.org/ubuntu/dists/trusty/InRelease is expired (invalid since "
                    + "3d 1h 2min 3s). Updates for this repository will not be applied.", 100, "ask whoever keeps"
            ),
            (
                "E: Release file for http://repos.example.org/ubuntu/dists/trusty/InRelease is not valid yet (invalid for "
                    + "another 2h 3min). Updates for this repository will not be applied.", 100, "clock"
            ),
            (
                "E: Repository 'http://repos.example.org/ubuntu trusty InRelease' changed its 'Origin' value from 'A' to 'B'",
                100, "accept"
            ),
        ]
    )
    func complaints(_ words: String, _ status: Int, _ move: String) async throws {
        let root = try Self.node()
        // That another source of the node is broken too changes nothing.
        let other = "E: Failed to fetch http://elsewhere.example.com/dists/x/Release  404  Not Found"
        let lines = ["Hit:1 http://deb.example.org/debian bookworm InRelease", words, other, ""]
        try root.remember(lines.joined(separator: "\n"), as: "complaints")
        try root.remember("\(status)\n", as: "update-status")
        guard case .failed(let reason) = try await ended(.renewSources([Self.source], job: "s"), on: root) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains(words) && reason.contains(move), "\(reason)")
        #expect(reason.contains("files stay as declared"))
    }

    @Test("what apt only warns of, and what is wrong with other sources, fails nothing", arguments: Shell.allCases)
    func otherComplaints(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember(
            """
            W: http://repos.example.org/ubuntu/dists/trusty/InRelease: Signature by key DF7D uses weak digest algorithm (SHA1)
            E: Failed to fetch http://elsewhere.example.com/dists/x/Release  404  Not Found
            E: Some index files failed to download. They have been ignored, or old ones used instead.

            """,
            as: "complaints"
        )
        try root.remember("100\n", as: "update-status")
        guard case .done(let detail) = try await ended(.renewSources([Self.source], job: "s"), on: root) else {
            throw Surprise("failed")
        }
        #expect(detail.hasPrefix("lists of site renewed; another source of the node could not be: E: Failed to fetch"))
    }

    @Test("a source that keeps apt from reading any is taken back, and no other", arguments: Shell.allCases)
    func conflictingSources(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        let words =
            "E: Conflicting values set for option Signed-By regarding source http://repos.example.org/ubuntu/ trusty: "
            + "/etc/apt/keyrings/site.asc !="
        try root.remember("\(words)\nE: The list of sources could not be read.\n", as: "complaints")
        try root.remember("100\n", as: "update-status")
        for name in ["site", "other", "by-hand"] {
            try root.put("deb http://\(name).example.org/ trusty main\n", at: "/etc/apt/sources.list.d/\(name).list")
        }
        let other = PackageSource(name: "other", uri: "http://other.example.org/ubuntu")
        guard case .failed(let reason) = try await ended(.renewSources([Self.source, other], job: "s"), on: root) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains(words), "\(reason)")
        #expect(reason.contains("taken back (/etc/apt/sources.list.d/site.list)"), "\(reason)")
        #expect(reason.contains("remove the other and run again") && !reason.contains("stay as declared"))
        #expect(try root.entries("/etc/apt/sources.list.d") == ["by-hand.list", "other.list"])
    }

    @Test("a failure of apt that names no source is a failure")
    func aptFails() async throws {
        let root = try Self.node()
        try root.remember("E: Malformed entry 1 in list file /etc/apt/sources.list.d/site.list\n", as: "complaints")
        try root.remember("100\n", as: "update-status")
        guard case .failed(let reason) = try await ended(.renewSources([Self.source], job: "s"), on: root) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains("status 100") && reason.contains("Malformed entry"))
    }

    // MARK: Pins

    @Test("a pin is the best offered version that begins with it, at a dot", arguments: Shell.allCases)
    func pins(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("1.11.0-2\n1.4.13-1\n1.4.3-2.0.1\n1:0.21.1~rc1-1.1.ubuntu1404\n", as: "renewed/mesos")
        for (index, (pin, version)) in [
            ("0.21.1", "1:0.21.1~rc1-1.1.ubuntu1404"), ("1.4", "1.4.13-1"), ("1.4.3", "1.4.3-2.0.1"), ("1", "1.11.0-2"),
            ("1.11.0", "1.11.0-2"),
        ].enumerated() {
            let install = PackageTests.install(PackageInstall(name: "mesos", pin: pin), job: "job-\(index)")
            let outcome = try await ended(install, on: root)
            guard case .done(let detail) = outcome else { throw Surprise("\(pin): \(outcome)") }
            #expect(detail.contains("mesos \(pin) is \(version)"))
            #expect(try root.remembered("installed/mesos") == "install ok installed|\(version)\n")
            try FileManager.default.removeItem(atPath: root.programs + "/state/installed/mesos")
        }
        for (index, pin) in ["1.1", "2", "1.4.1", "0.21.1.1"].enumerated() {
            let install = PackageTests.install(PackageInstall(name: "mesos", pin: pin), job: "none-\(index)")
            guard case .failed(let reason) = try await ended(install, on: root) else {
                throw Surprise("\(pin) installed")
            }
            #expect(
                reason
                    == "version \(pin) of mesos is declared and the node's sources offer 1.11.0-2, 1.4.13-1, 1.4.3-2.0.1, "
                    + "1:0.21.1~rc1-1.1.ubuntu1404; nothing was installed"
            )
            #expect(try root.entries("/usr/sbin").isEmpty)
        }
    }

    @Test("who reads a refusal finds the node as it was")
    func putBackBeforeTheResult() async throws {
        let root = try Self.node(.dash)
        try root.remember("1.11.0-2\n", as: "renewed/mesos")
        try root.program("rm", "case $* in *policy-rc.d*) sleep 2 ;; esac\nexec rm \"$@\"")
        let install = PackageTests.install(PackageInstall(name: "mesos", pin: "2"), job: "refused")
        guard case .failed = try await ended(install, on: root) else { throw Surprise("installed") }
        #expect(try root.entries("/usr/sbin").isEmpty)
    }

    @Test(
        "what a package needs at its own version comes along, unless apt would choose it anyway",
        arguments: Shell.allCases
    )
    func companions(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        for name in ["zookeeperd", "zookeeper", "libzookeeper-java"] {
            try root.remember("3.8.0-11\n3.4.5+dfsg-1\n", as: "offered/\(name)")
        }
        try root.remember(
            "Package: zookeeperd\nDepends: zookeeper (= VERSION), adduser (>= 3)\n",
            as: "depends/zookeeperd"
        )
        try root.remember(
            "Depends: libzookeeper-java (= VERSION), default-jre | java (= VERSION)\nPre-Depends: other:any (= 1)\n",
            as: "depends/zookeeper"
        )
        let old = PackageInstall(name: "zookeeperd", version: "3.4.5+dfsg-1")
        guard case .done = try await ended(PackageTests.install(old), on: root) else { throw Surprise("not installed") }
        let call = try #require(root.remembered("apt-log").split(separator: "\n").last)
        #expect(
            call.hasSuffix(
                " install zookeeperd=3.4.5+dfsg-1 zookeeper=3.4.5+dfsg-1 libzookeeper-java=3.4.5+dfsg-1"
            )
        )
        let new = PackageInstall(name: "zookeeperd", pin: "3.8")
        let fresh = try Self.node(shell)
        for name in ["zookeeperd", "zookeeper"] { try fresh.remember("3.8.0-11\n", as: "offered/\(name)") }
        try fresh.remember("Depends: zookeeper (= VERSION)\n", as: "depends/zookeeperd")
        guard case .done = try await ended(PackageTests.install(new), on: fresh) else {
            throw Surprise("not installed")
        }
        let second = try #require(fresh.remembered("apt-log").split(separator: "\n").last)
        #expect(second.hasSuffix(" install zookeeperd=3.8.0-11"))
    }

    // MARK: Holds

    @Test("packages are held once, and what is not there cannot be", arguments: Shell.allCases)
    func holds(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("install ok installed|1.0\n", as: "installed/mesos")
        try root.remember("hold ok installed|2.0\n", as: "installed/marathon")
        #expect(try await root.act(.holdPackages(["mesos", "marathon"])) == .done(detail: ""))
        #expect(try root.remembered("apt-mark-log") == "hold mesos\n")
        #expect(try await root.act(.holdPackages(["mesos", "marathon"])) == .alreadyInPlace)
        guard case .package(let answer) = try await root.ask(.package("mesos")) else { throw Surprise("no answer") }
        #expect(answer == PackageAnswer(name: "mesos", installed: "1.0", isHeld: true))
        guard case .failed(let reason) = try await root.act(.holdPackages(["nosuch"])) else { throw Surprise("held") }
        #expect(reason.contains("nosuch is not held") && reason.contains("Can't select"))
    }

    @Test(
        "a held package that is named is freed for its installation alone; others stay held",
        arguments: Shell.allCases
    )
    func heldPackages(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("2.0\n1.0\n", as: "offered/mesos")
        try root.remember("hold ok installed|1.0\n", as: "installed/mesos")
        try root.remember("hold ok installed|1.0\n", as: "installed/other")
        let install = PackageTests.install(PackageInstall(name: "mesos", version: "2.0"))
        // The fake forgets the selection, as dpkg does not: what matters is who was freed and held again.
        _ = try await ended(install, on: root)
        #expect(try root.remembered("apt-mark-log") == "unhold mesos\nhold mesos\n")
        #expect(try root.remembered("installed/other") == "hold ok installed|1.0\n")
        #expect(try root.remembered("apt-log").contains("allow-change-held-packages") == false)
    }

    // MARK: Locks

    @Test("a lock that a living process holds is waited for until it lets go", arguments: [Shell.dash, .busybox])
    func realLock(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("1.0\n", as: "offered/mesos")
        try root.put("", at: "/var/lib/dpkg/lock-frontend")
        let holder = try LockHolder(root.path + "/var/lib/dpkg/lock-frontend")
        _ = try await root.act(PackageTests.install(PackageInstall(name: "mesos")))
        try await waitUntil {
            try root.text("/run/reconciler/run-1/job-1/log").contains("waiting for process \(holder.pid) (python")
        }
        #expect(try await root.act(.collect(job: "job-1", seconds: 1)) == .pending)
        holder.end()
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("gave up") }
    }

    @Test("patience with a lock ends, and it is said who held it")
    func patience() async throws {
        let root = try Self.node()
        try root.remember("1.0\n", as: "offered/mesos")
        try root.put("", at: "/var/lib/dpkg/lock-frontend")
        let holder = try LockHolder(root.path + "/var/lib/dpkg/lock-frontend")
        defer { holder.end() }
        let job = root.path + "/run/reconciler/run-1/by-hand"
        try root.makeDirectory("/run/reconciler/run-1/by-hand")
        try root.put(NodeScript.Library.install.text.replacing("patience=300", with: "patience=2"), at: "/script")
        let child = ChildProcess(
            program: "/bin/sh",
            arguments: [
                "-c",
                "PATH=\(root.programs):/usr/bin:/bin; sh \(root.path)/script \(root.path) \(job) mesos >\(job)/log 2>&1",
            ],
            deadline: .seconds(60)
        )
        _ = try await child.run(in: root.path)
        let result = try root.text("/run/reconciler/run-1/by-hand/result")
        #expect(result.hasPrefix("failed\nprocess \(holder.pid) (python"), "\(result)")
        #expect(result.contains("holds the package manager's lock for 2 s; run again when it has ended"))
        #expect(try root.entries("/usr/sbin").isEmpty, "nothing of ours is left behind")
    }
}

/// A process that holds a lock of fcntl's on a file, as dpkg does.
final class LockHolder {
    let pid: Int32
    private let input: Int32

    init(_ path: String) throws {
        let script = """
            import fcntl, sys
            file = open(sys.argv[1], "r+")
            fcntl.lockf(file, fcntl.LOCK_EX)
            open(sys.argv[1] + ".taken", "w").close()
            sys.stdin.read()
            """
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Surprise("no pipe") }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        var child: pid_t = 0
        let words: [String] = ["python3", "-c", script, path]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var surroundings: [UnsafeMutablePointer<CChar>?] = [nil]
        let status = posix_spawn(&child, "/usr/bin/python3", &actions, nil, &arguments, &surroundings)
        close(ends[0])
        guard status == 0 else {
            close(ends[1])
            throw Surprise("no python3: \(status)")
        }
        (pid, input) = (child, ends[1])
        for _ in 0..<600 where access(path + ".taken", F_OK) != 0 { usleep(100_000) }
    }

    /// Lets go.
    func end() {
        close(input)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }
}
