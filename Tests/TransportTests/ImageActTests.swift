import FoundationEssentials
import Glibc
import Reconciler
import Testing

@testable import Transport

/// Loading, pulling, naming and removing.
@Suite struct ImageActTests {
    static let reference = "feuyeux/nginx:1"
    static func id(_ digit: Character) -> String { ImageFactTests.id(digit) }
    /// The name of a part.
    static func part(_ digit: Character) -> String { String(repeating: digit, count: 64) }

    static func load(
        _ parts: [Character],
        id: String = id("a"),
        layers: [String] = [id("1"), id("2")],
        foreign: Bool = false
    ) -> ImageLoad {
        ImageLoad(parts: parts.map(part), id: id, reference: reference, layers: layers, hasForeignID: foreign)
    }

    /// A node on which `image` is staged in two parts.
    static func staged(
        _ shell: Shell = .dash,
        _ image: String = "\(id("a")) \(id("1")) \(id("2"))",
        end: String = "end\n"
    ) throws -> ScratchRoot {
        let root = try ImageFactTests.node(shell)
        try root.put("image \(reference) ", at: "/var/lib/reconciler/images/" + part("1"))
        try root.put(image + "\n" + end, at: "/var/lib/reconciler/images/" + part("2"))
        return root
    }

    static func run(_ act: ImageNodeAct, on root: ScratchRoot, job: String = "job-1") async throws -> ActionResult {
        let results = try await root.perform(.image(act), .collect(job: job, seconds: 90))
        return try #require(results.last)
    }

    private func count(_ command: String, in root: ScratchRoot) throws -> Int {
        try root.remembered("log").split(separator: "\n").count { $0.hasPrefix(command) }
    }

    // MARK: Loading

    @Test(arguments: Shell.allCases)
    func partsAreLoadedInTheirOrderAndOnce(_ shell: Shell) async throws {
        let root = try Self.staged(shell)
        let load = ImageNodeAct.load(Self.load(["1", "2"]), job: "job-1")
        #expect(try await root.act(.image(load)) == .done(detail: "started"))
        #expect(
            try await root.act(.collect(job: "job-1", seconds: 90)) == .done(detail: "Loaded image: \(Self.reference)")
        )
        #expect(try root.remembered("tags") == "\(Self.reference) \(Self.id("a"))\n")
        let again = ImageNodeAct.load(Self.load(["1", "2"]), job: "job-2")
        #expect(try await Self.run(again, on: root, job: "job-2") == .alreadyInPlace)
        #expect(try count("load", in: root) == 1)
    }

    @Test(arguments: Shell.allCases)
    func aNodeLoadsOneImageAtATime(_ shell: Shell) async throws {
        let root = try Self.staged(shell)
        try root.remember("", as: "hold")
        _ = try await root.act(.image(.load(Self.load(["1", "2"]), job: "job-1")))
        try await waitUntil { try count("load", in: root) == 1 }
        _ = try await root.act(.image(.load(Self.load(["1", "2"]), job: "job-2")), run: RunID("run-2"))
        #expect(try await root.act(.collect(job: "job-2", seconds: 1), run: RunID("run-2")) == .pending)
        #expect(try await root.act(.collect(job: "job-1", seconds: 0)) == .pending)
        #expect(try count("load", in: root) == 1)
        try FileManager.default.removeItem(atPath: root.programs + "/state/hold")
        guard case .done = try await root.act(.collect(job: "job-1", seconds: 90)) else { throw Surprise("not loaded") }
        #expect(try await root.act(.collect(job: "job-2", seconds: 90), run: RunID("run-2")) == .alreadyInPlace)
    }

    @Test(arguments: Shell.allCases)
    func anArchiveThatIsCutOffFailsInTheEnginesWords(_ shell: Shell) async throws {
        let root = try Self.staged(shell, end: "")
        #expect(
            try await Self.run(.load(Self.load(["1", "2"]), job: "job-1"), on: root)
                == .failed(reason: "docker load: Error processing tar file(exit status 1): unexpected EOF")
        )
        try root.remember("", as: "full")
        guard
            case .failed(let reason) = try await Self.run(
                .load(Self.load(["1", "2"]), job: "job-2"),
                on: root,
                job: "job-2"
            )
        else { throw Surprise("loaded") }
        #expect(reason.hasPrefix("disk full: docker load:"))
    }

    @Test(arguments: Shell.allCases)
    func aPartThatIsNotThereIsSaidBeforeAnythingIsLoaded(_ shell: Shell) async throws {
        let root = try Self.staged(shell)
        guard case .failed(let reason) = try await Self.run(.load(Self.load(["1", "3"]), job: "job-1"), on: root)
        else { throw Surprise("loaded") }
        #expect(reason == "part \(Self.part("3")) is not staged here; run again")
        #expect(try count("load", in: root) == 0)
    }

    /// Under dash alone: busybox sh may run its own `cat` whatever PATH says.
    @Test func aPartThatCannotBeReadIsNotTheEnginesFault() async throws {
        let root = try Self.staged()
        try root.program(
            "cat",
            #"case $2 in ??????????*) cat -- "$1"; echo "cat: $2: Input/output error" >&2; exit 1 ;; esac; exec cat "$@""#
        )
        guard case .failed(let reason) = try await Self.run(.load(Self.load(["1", "2"]), job: "job-1"), on: root)
        else { throw Surprise("loaded") }
        #expect(reason.hasPrefix("the staged parts could not be read (status 1)"))
        #expect(reason.contains("Input/output error"))
    }

    @Test(arguments: Shell.allCases)
    func anotherImageThanWasSentIsNotBelievedAndTheNameGoesBack(_ shell: Shell) async throws {
        let root = try Self.staged(shell, "\(Self.id("b")) \(Self.id("1"))")
        try root.remember("\(Self.id("c")) \(Self.id("1"))\n", as: "images")
        try root.remember("\(Self.reference) \(Self.id("c"))\n", as: "tags")
        guard case .failed(let reason) = try await Self.run(.load(Self.load(["1", "2"]), job: "job-1"), on: root)
        else { throw Surprise("believed") }
        #expect(reason.contains("\(Self.reference) is \(Self.id("b")), not \(Self.id("a"))"))
        #expect(reason.contains("it names \(Self.id("c")) again"))
        #expect(try root.remembered("tags") == "\(Self.reference) \(Self.id("c"))\n")
    }

    struct Foreign: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var load: ImageLoad
        var status = "null"
        var isAccepted: Bool
    }

    private static let containerd = #"[["driver-type","io.containerd.snapshotter.v1"]]"#
    static let foreign = [
        Foreign(
            testDescription: "the caller knows that ids differ, layers are the same",
            load: load(["1", "2"], id: id("f"), foreign: true),
            isAccepted: true
        ),
        Foreign(
            testDescription: "other layers",
            load: load(["1", "2"], id: id("f"), layers: [id("1")], foreign: true),
            isAccepted: false
        ),
        Foreign(
            testDescription: "layers in another order",
            load: load(["1", "2"], id: id("f"), layers: [id("2"), id("1")], foreign: true),
            isAccepted: false
        ),
        Foreign(
            testDescription: "no layers to compare",
            load: load(["1", "2"], id: id("f"), layers: [], foreign: true),
            isAccepted: false
        ),
        Foreign(
            testDescription: "this engine has a containerd store",
            load: load(["1", "2"], id: id("f")),
            status: containerd,
            isAccepted: true
        ),
        Foreign(
            testDescription: "an id of before 1.10",
            load: load(["1", "2"], id: part("f")),
            isAccepted: true
        ),
        Foreign(
            testDescription: "ids are of one kind, so the layers prove nothing",
            load: load(["1", "2"], id: id("f")),
            isAccepted: false
        ),
    ]

    @Test(arguments: foreign)
    func layersAreComparedWhereIdsAreOfAnotherKind(_ foreign: Foreign) async throws {
        let root = try Self.staged()
        try root.remember(foreign.status, as: "status")
        switch try await Self.run(.load(foreign.load, job: "job-1"), on: root) {
        case .done: #expect(foreign.isAccepted)
        case .failed(let reason):
            #expect(!foreign.isAccepted)
            #expect(reason.contains("\(Self.reference) is \(Self.id("a")), not"))
        case let other: throw Surprise("\(other)")
        }
    }

    // MARK: Pulling

    @Test(arguments: Shell.allCases)
    func anImageIsPulledByDigestAndNamed(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let source = "registry.example:5000/x/y@" + Self.id("d")
        let missing = try await Self.run(.pull(source, reference: Self.reference, job: "job-1"), on: root)
        guard case .failed(let reason) = missing else { throw Surprise("\(missing)") }
        #expect(reason.contains("docker pull \(source): Error response from daemon: manifest for"))
        try root.remember("\(source) \(Self.id("a")) \(Self.id("1"))\n", as: "registry")
        let pulled = try await Self.run(.pull(source, reference: Self.reference, job: "job-2"), on: root, job: "job-2")
        guard case .done = pulled else { throw Surprise("\(pulled)") }
        #expect(try root.remembered("tags").contains("\(Self.reference) \(Self.id("a"))\n"))
        #expect(
            try await Self.run(.pull(source, reference: Self.reference, job: "job-3"), on: root, job: "job-3")
                == .alreadyInPlace
        )
        #expect(try count("pull", in: root) == 2)
    }

    // MARK: Naming

    @Test(arguments: Shell.allCases)
    func anImageGetsAnotherName(_ shell: Shell) async throws {
        for version in ["20.10.24", "1.9.1"] {
            let root = try ImageFactTests.node(shell, version: version)
            try root.remember("\(Self.id("a"))\n\(Self.id("b"))\n", as: "images")
            try root.remember("x/y:2 \(Self.id("b"))\n", as: "tags")
            let act = NodeAction.image(.tag(id: Self.id("a"), reference: "x/y:2"))
            #expect(try await root.act(act) == .done(detail: "it was \(Self.id("b"))"), "\(version)")
            #expect(try root.remembered("tags") == "x/y:2 \(Self.id("a"))\n")
            #expect(try await root.act(act) == .alreadyInPlace)
            guard
                case .failed(let reason) = try await root.act(.image(.tag(id: Self.id("e"), reference: "x/y:2")))
            else { throw Surprise("named what is not there") }
            #expect(reason.contains("No such image: \(Self.id("e"))"))
        }
    }

    // MARK: Removing

    @Test(arguments: Shell.allCases)
    func onlyWhatHasNoNameAndNoContainerIsRemoved(_ shell: Shell) async throws {
        let root = try ImageFactTests.node(shell)
        let remove = NodeAction.image(.remove(id: Self.id("a")))
        try root.remember("\(Self.id("a"))\n\(Self.id("b"))\n", as: "images")
        try root.remember("x/y:1 \(Self.id("a"))\nx/y:2 \(Self.id("a"))\nx/y:3 \(Self.id("b"))\n", as: "tags")
        try root.remember("c1 \(Self.id("b"))\nc2 \(Self.id("a"))\n", as: "containers")
        #expect(
            try await root.act(remove)
                == .failed(reason: "\(Self.id("a")): a container was made from it; nothing was removed")
        )
        try root.remember("c1 \(Self.id("b"))\n", as: "containers")
        #expect(
            try await root.act(remove)
                == .failed(reason: "\(Self.id("a")): it has a name (x/y:1 x/y:2); nothing was removed")
        )
        try root.remember("x/y:3 \(Self.id("b"))\n", as: "tags")
        try root.remember("", as: "children")
        guard case .failed(let reason) = try await root.act(remove) else { throw Surprise("removed") }
        #expect(reason.contains("image has dependent child images"))
        try FileManager.default.removeItem(atPath: root.programs + "/state/children")
        #expect(try await root.act(remove) == .done(detail: ""))
        #expect(try root.remembered("images") == "\(Self.id("b"))\n")
        #expect(try await root.act(remove) == .alreadyInPlace)
    }

    @Test func aSilentEngineIsNotAnEmptyOne() async throws {
        let root = try ImageFactTests.node()
        try root.remember("", as: "down")
        for act in [
            ImageNodeAct.remove(id: Self.id("a")), .tag(id: Self.id("a"), reference: "x:1"),
            .stage(bytes: 1, unpacked: 1),
        ] {
            guard case .failed(let reason) = try await root.act(.image(act)) else { throw Surprise("\(act)") }
            #expect(reason.contains("Cannot connect to the Docker daemon"), "\(act)")
        }
        let load = try await Self.run(.load(Self.load(["1", "2"]), job: "job-1"), on: try Self.down())
        guard case .failed(let reason) = load else { throw Surprise("\(load)") }
        #expect(reason.contains("Cannot connect to the Docker daemon"))
    }

    private static func down() throws -> ScratchRoot {
        let root = try staged()
        try root.remember("", as: "down")
        return root
    }

    @Test(arguments: [
        ImageNodeAct.tag(id: "sha256:12", reference: "x:1"), .tag(id: id("a"), reference: "--force"),
        .tag(id: id("a"), reference: "x y"), .tag(id: id("a"), reference: "$(id)"), .remove(id: "x/y:1"),
        .load(ImageLoad(parts: ["../../etc/passwd"], id: id("a"), reference: "x:1", layers: []), job: "j"),
        .load(ImageLoad(parts: [], id: id("a"), reference: "x:1", layers: []), job: "j"),
        .load(ImageLoad(parts: [part("1")], id: id("a"), reference: "x:1", layers: ["a b"]), job: "j"),
        .pull("", reference: "x:1", job: "j"), .pull("x", reference: "x:1", job: "../j"),
    ])
    func whatCannotBeANameOrADigestNeverReachesTheNode(_ act: ImageNodeAct) async throws {
        let root = try ImageFactTests.node()
        guard case .failed(let reason) = try await root.act(.image(act)) else { throw Surprise("begun") }
        #expect(reason.contains("none of these 1 actions was begun"))
        #expect(try root.remembered("log").isEmpty)
    }
}
