import FoundationEssentials
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

/// yum 3.4 and rpm, by what they were recorded to print.
@Suite struct YumTests {
    static func node(_ shell: Shell = .dash) throws -> ScratchRoot {
        let root = try ScratchRoot(shell)
        try root.program("rpm", FakePackages.rpm)
        try root.program("yum", FakePackages.yum)
        try FileManager.default.createDirectory(atPath: root.programs + "/state/rpm", withIntermediateDirectories: true)
        return root
    }

    /// A long name, and what follows it on lines of their own; another package whose name begins alike.
    static let available = """
        Available Packages
        mesosphere-zookeeper.x86_64
                             3.4.6-0.1.20141204175332.centos7
                                                              mesosphere
        mesosphere-zookeeper.x86_64
                             2:3.4.7-0.1.centos7
                                                              mesosphere
        mesosphere-zookeeper.extra.x86_64   9.9-1             mesosphere

        """

    @Test("rows that yum wraps are read whole, and names to their end")
    func wrapped() throws {
        var answer = ScriptAnswer(status: 0, text: Array("K found".utf8))
        answer.fields = [.init(name: "yum", value: Array(Self.available.utf8))]
        #expect(
            PackageAnswer("mesosphere-zookeeper", answer)?.offered
                == ["2:3.4.7-0.1.centos7", "3.4.6-0.1.20141204175332.centos7"]
        )
        #expect(PackageAnswer("mesosphere", answer)?.offered == [])
        #expect(PackageAnswer("mesosphere-zookeeper.extra", answer)?.offered == ["9.9-1"])
    }

    @Test(
        "held is what a line of versionlock names to its end, as yum and as dnf print it",
        arguments: [
            ("0:mesos-1.4.3-2.0.1.*", true), ("mesos-0:1.4.3-2.0.1.*", true), ("0:mesos-dns-1.4.3-2.0.1.*", false),
            ("!0:mesos-1.4.3-2.0.1.*", false), ("versionlock list done", false), ("", false),
        ]
    )
    func locks(_ line: String, _ isHeld: Bool) throws {
        var answer = ScriptAnswer(status: 0, text: Array("K found".utf8))
        answer.fields = [
            .init(name: "rpm", value: Array("(none):1.4.3-2.0.1".utf8)),
            .init(name: "locks", value: Array("Loaded plugins: fastestmirror, versionlock\n\(line)\n".utf8)),
        ]
        #expect(PackageAnswer("mesos", answer)?.isHeld == isHeld)
    }

    /// busybox has an rpm of its own, which must not be asked.
    @Test("a package is answered with what holds it, or why nothing can", arguments: Shell.allCases)
    func answers(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("(none):1.4.3-2.0.1\n", as: "rpm/mesos")
        let why = "yum has no versionlock here; install yum-plugin-versionlock"
        #expect(
            try await root.ask(.package("mesos"))
                == .package(PackageAnswer(name: "mesos", installed: "1.4.3-2.0.1", cannotHold: why))
        )
        try root.remember("0:mesos-1.4.3-2.0.1.*\n", as: "locks")
        #expect(
            try await root.ask(.package("mesos"))
                == .package(PackageAnswer(name: "mesos", installed: "1.4.3-2.0.1", isHeld: true))
        )
        #expect(try await root.ask(.package("nosuch")) == .absent)
        try root.remember("", as: "yum-locked")
        guard case .unknown(let reason) = try await root.ask(.package("nosuch")) else { throw Surprise("an answer") }
        #expect(reason.contains("holding the yum lock"), "what yum does not say is not known")
    }

    @Test("packages are locked where the plugin is, and it is told where it is not", arguments: Shell.allCases)
    func holds(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("(none):1.4.3-2.0.1\n", as: "rpm/mesos")
        #expect(
            try await root.act(.holdPackages(["mesos"]))
                == .done(detail: "not held: yum has no versionlock here; install yum-plugin-versionlock")
        )
        try root.remember("0:mesos-dns-1.0-1.*\n", as: "locks")
        #expect(try await root.act(.holdPackages(["mesos"])) == .done(detail: ""))
        #expect(try root.remembered("locks") == "0:mesos-dns-1.0-1.*\n0:mesos-1.4.3-2.0.1.*\n")
        #expect(try await root.act(.holdPackages(["mesos"])) == .alreadyInPlace)
    }

    @Test("a pin is found in wrapped rows, installed and verified; yum's lock is waited for", arguments: Shell.allCases)
    func installs(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember(Self.available, as: "available")
        try root.remember("", as: "yum-locked")
        let install = PackageTests.install(PackageInstall(name: "mesosphere-zookeeper", pin: "3.4.6"))
        #expect(try await root.act(install) == .done(detail: "started"))
        guard case .done(let detail) = try await root.act(.collect(job: "job-1", seconds: 90)) else {
            throw Surprise("not installed: \(try root.text("/run/reconciler/run-1/job-1/log"))")
        }
        #expect(detail.contains("mesosphere-zookeeper 3.4.6 is 3.4.6-0.1.20141204175332.centos7"))
        #expect(detail.contains("waiting for process 1"))
        #expect(
            try root.remembered("yum-log").contains(" install mesosphere-zookeeper-3.4.6-0.1.20141204175332.centos7")
        )
    }

    @Test(
        "a locked package is offered in other versions, freed for its installation and locked again at its end",
        arguments: Shell.allCases
    )
    func upgradesWhatIsLocked(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("(none):1.4.3-2.0.1\n", as: "rpm/mesos")
        try root.remember("mesos.x86_64  1.4.3-2.0.1  site\nmesos.x86_64  1.5.0-2.0.1  site\n", as: "available")
        try root.remember("0:mesos-1.4.3-2.0.1.*\n0:mesos-dns-1.0-1.*\n", as: "locks")
        guard case .package(let answer) = try await root.ask(.package("mesos")) else { throw Surprise("no answer") }
        #expect(answer.offered == ["1.5.0-2.0.1", "1.4.3-2.0.1"] && answer.isHeld)
        _ = try await root.act(PackageTests.install(PackageInstall(name: "mesos", pin: "1.5.0")))
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else {
            throw Surprise("not installed: \(try root.text("/run/reconciler/run-1/job-1/log"))")
        }
        #expect(try root.remembered("rpm/mesos") == "(none):1.5.0-2.0.1\n")
        #expect(try root.remembered("locks") == "0:mesos-dns-1.0-1.*\n0:mesos-1.5.0-2.0.1.*\n")
    }

    @Test("a renewal asks for the declared sources alone, and fails in yum's words", arguments: Shell.allCases)
    func renewal(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        let sources = ["a", "b"].map { PackageSource(name: $0, uri: "http://repos.example.org/\($0)") }
        _ = try await root.act(.renewSources(sources, job: "s"))
        #expect(try await root.act(.collect(job: "s", seconds: 90)) == .done(detail: "lists of a, b renewed"))
        #expect(try root.remembered("yum-log").contains("--disablerepo=* --enablerepo=a,b makecache"))
        let words = "failure: repodata/repomd.xml from a: [Errno 256] No more mirrors to try."
        try root.remember(words + "\n", as: "complaints")
        _ = try await root.act(.renewSources(sources, job: "t"))
        guard case .failed(let reason) = try await root.act(.collect(job: "t", seconds: 90)) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains(words) && reason.contains("files stay as declared"))
    }
}
