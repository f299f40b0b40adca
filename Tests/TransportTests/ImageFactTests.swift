import Reconciler
import Testing

@testable import Transport

@Suite struct ImageFactTests {
    static func id(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    static func node(_ shell: Shell = .dash, version: String = "20.10.24") throws -> ScratchRoot {
        let root = try ScratchRoot(shell)
        try FakeDocker.put(into: root, version)
        return root
    }

    private func answer(_ root: ScratchRoot) async throws -> ImagesAnswer {
        let answer = try await root.ask(.images)
        guard case .images(let images) = answer else { throw Surprise("\(answer)") }
        return images
    }

    @Test(arguments: Shell.allCases)
    func noClientASilentEngineAndAMissingPermissionAreThreeAnswers(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        #expect(try await root.ask(.images) == .absent)
        try FakeDocker.put(into: root)
        try root.remember("", as: "forbidden")
        guard case .unknown(let refused) = try await root.ask(.images) else { throw Surprise("an answer") }
        #expect(refused.contains("Got permission denied while trying to connect"))
        try root.remember("", as: "down")
        guard case .unknown(let silent) = try await root.ask(.images) else { throw Surprise("an answer") }
        #expect(silent.contains("Cannot connect to the Docker daemon at unix:///var/run/docker.sock."))
    }

    @Test(arguments: Shell.allCases)
    func anEngineIsReadWholeWithWhatIsStaged(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember(
            "\(Self.id("a")) \(Self.id("1")) \(Self.id("2"))\n\(Self.id("b")) \(Self.id("1"))\n",
            as: "images"
        )
        try root.remember("x/y:1 \(Self.id("a"))\nx/y:latest \(Self.id("a"))\n", as: "tags")
        try root.remember("c1 \(Self.id("b"))\nc2 \(Self.id("b"))\n", as: "containers")
        try root.put(String(repeating: "p", count: 1000), at: "/var/lib/reconciler/images/abc")
        try root.put(String(repeating: "p", count: 24), at: "/var/lib/reconciler/images/def.part")
        let answer = try await answer(root)
        #expect(answer.stagedBytes == 1024)
        #expect((answer.freeBytes ?? 0) > 0)
        let engine = try ObservedEngine(answer)
        #expect(engine.version == "20.10.24")
        #expect((engine.rootDirectory, engine.architecture) == ("/srv/docker", "amd64"))
        #expect(engine.used == [Self.id("b")])
        #expect(engine.image("x/y:latest")?.layers == [Self.id("1"), Self.id("2")])
        #expect(engine.images.map(\.references) == [["x/y:1", "x/y:latest"], []])
    }

    @Test(arguments: Shell.allCases)
    func anEngineWithoutImagesHasNone(_ shell: Shell) async throws {
        let engine = try ObservedEngine(try await answer(Self.node(shell)))
        #expect(engine.images.isEmpty && engine.used.isEmpty && engine.stagedBytes == 0)
    }

    @Test(arguments: [Shell.dash, .busybox])
    func twoHundredImagesPass(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        let ids = (0..<200).map { number in
            let digits = String(number, radix: 16)
            return "sha256:" + String(repeating: "0", count: 64 - digits.count) + digits
        }
        try root.remember(ids.map { "\($0) \(Self.id("1"))\n" }.joined(), as: "images")
        try root.remember(ids.map { "many/img:\($0.suffix(4)) \($0)\n" }.joined(), as: "tags")
        try root.remember(ids.map { "c\($0.suffix(4)) \($0)\n" }.joined(), as: "containers")
        let engine = try ObservedEngine(try await answer(root))
        #expect(engine.images.map(\.id) == ids)
        #expect(engine.used == Set(ids))
        #expect(engine.image("many/img:00c7")?.id == ids.last)
    }

    @Test(arguments: Shell.allCases)
    func whatGoesWhileItIsLookedAtIsNoObstacle(_ shell: Shell) async throws {
        let root = try Self.node(shell)
        try root.remember("\(Self.id("a")) \(Self.id("1"))\n", as: "images")
        try root.remember("", as: "vanishing")
        #expect(try ObservedEngine(try await answer(root)).images.map(\.id) == [Self.id("a")])
    }

    @Test func aClientFromBefore113PrintsItsInfoInLines() async throws {
        let root = try Self.node(version: "1.10.3")
        let engine = try ObservedEngine(try await answer(root))
        #expect((engine.version, engine.storageDriver) == ("1.10.3", "aufs"))
    }

    @Test func anEngineThatStopsAnsweringHalfWayIsUnknown() async throws {
        let root = try Self.node()
        try root.remember("\(Self.id("a")) \(Self.id("1"))\n", as: "images")
        // The stand-in has none of the fakes in its PATH.
        try root.program("timeout", #"[ "$3" != inspect ] || exit 124; shift; PATH=${0%/*}:$PATH exec "$@""#)
        #expect(try await root.ask(.images) == .unknown(reason: "docker inspect: no answer within 20 s"))
    }

    @Test(arguments: [
        (
            """
            sysfs /sys sysfs rw 0 0
            cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,relatime,cpu,cpuacct 0 0
            cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd,release_agent=/lib/memory 0 0
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nsdelegate 0 0
            """, FactAnswer.controlGroups(version1: ["cpu", "cpuacct"], hasVersion2: true)
        ),
        (
            "cgroup2 /sys/fs/cgroup cgroup2 rw,memory_recursiveprot 0 0\n",
            .controlGroups(version1: [], hasVersion2: true)
        ),
        ("proc /proc proc rw 0 0\n", .controlGroups(version1: [], hasVersion2: false)),
    ])
    func controlGroupsAreReadFromTheMounts(_ mounts: String, _ expected: FactAnswer) async throws {
        for shell in Shell.allCases {
            let root = try ScratchRoot(shell)
            guard case .unknown = try await root.ask(.controlGroups) else { throw Surprise("none where none was read") }
            try root.put(mounts, at: "/proc/mounts")
            #expect(try await root.ask(.controlGroups) == expected)
        }
    }
}
