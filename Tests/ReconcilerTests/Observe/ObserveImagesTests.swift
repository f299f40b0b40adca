import Specs
import Testing

@testable import Reconciler

@Suite struct ObserveImagesTests {
    private static let nginx = "sha256:926e91753981e71c0bcba2f3035ccda68b26f0567fd3562d600f96a4a384f096"
    private static let old = String(repeating: "4f", count: 32)

    /// As Docker 20.10.24 answered.
    private static func recorded() throws -> ImagesAnswer {
        ImagesAnswer(
            version: "20.10.24+dfsg1",
            info: try ObserveSample.fixture("docker-20.10.24-info.json"),
            table: "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE",
            inspected: try ObserveSample.fixture("docker-20.10.24-inspect.json"),
            used: "\(nginx)\n\(nginx)\n",
            freeBytes: 7,
            stagedBytes: 3
        )
    }

    /// In the form of Docker 1.4.1.
    private static func ancient(table rows: String) -> ImagesAnswer {
        ImagesAnswer(
            version: "1.4.1",
            info: "Containers: 0\nImages: 1\nStorage Driver: aufs\n Root Dir: /var/lib/docker/aufs\n Dirs: 1\n"
                + "Execution Driver: native-0.2\nKernel Version: 3.13.0-24-generic",
            table: "REPOSITORY  TAG  IMAGE ID  CREATED  VIRTUAL SIZE\n\(rows)",
            inspected: #"[{"Architecture":"amd64","Config":{"Cmd":null},"Id":"\#(old)","Os":"linux","Size":0,"#
                + #""VirtualSize":188311000}]"#,
            used: ""
        )
    }

    private static let tall = NodeName("a1")

    private static func withImages() -> ClusterSpec {
        var spec = ObserveSample.cluster()
        spec.other.images = [ImageSpec(name: ObserveSample.located("feuyeux/nginx:1"))]
        return spec
    }

    @Test func enginesAreAskedForImagesOnlyWhereAnyAreDeclared() throws {
        let spec = Self.withImages()
        for node in spec.nodes {
            let facts = ObservationRequest(for: node, in: spec).facts
            #expect(facts.contains(.images) == node.has(.docker), "\(node.name.value)")
            #expect(facts.contains(.controlGroups) == node.has(.mesosAgent), "\(node.name.value)")
        }
        let agent = try #require(spec.node(Self.tall))
        #expect(!ObservationRequest(for: agent, in: ObserveSample.cluster()).facts.contains(.images))
    }

    @Test func aRecordedEngineIsReadWhole() throws {
        let engine = try ObservedEngine(try Self.recorded())
        #expect(engine.version == "20.10.24+dfsg1")
        #expect((engine.storageDriver, engine.rootDirectory) == ("vfs", "/var/lib/docker"))
        #expect(engine.architecture == "amd64")
        #expect(!engine.usesContainerdStore)
        #expect((engine.freeBytes, engine.stagedBytes) == (7, 3))
        #expect(engine.used == [Self.nginx])
        #expect(engine.images.count == 3)
        #expect(engine.images.map(\.id) == engine.images.map(\.id).sorted())
        let image = try #require(engine.image("many/img:1"))
        #expect(image.context == "ctx1")
        #expect((image.bytes, image.architecture) == (2, "amd64"))
        #expect(image.layers == ["sha256:c7bb2c31dc1034e461404c28f866510d18ea5b66802d5e7f7d230a50ba8657f1"])
        #expect(engine.images.count { $0.references.isEmpty } == 1, "what lost its name is still held")
        #expect(engine.image("many/img:2") == nil)
    }

    @Test func beforeNamesWereInspectedTheTableHasThem() throws {
        let rows = """
            busy/box    latest  \(Self.old)  8 weeks ago  188.3 MB
            busy/box    1       \(Self.old)  8 weeks ago  188.3 MB
            <none>      <none>  \(Self.old)  8 weeks ago  188.3 MB
            """
        let engine = try ObservedEngine(Self.ancient(table: rows))
        #expect(engine.storageDriver == "aufs")
        #expect(engine.architecture == nil)
        let image = try #require(engine.images.first)
        #expect(image.id == Self.old)
        #expect(image.references == ["busy/box:1", "busy/box:latest"])
        #expect(image.bytes == 188_311_000, "with what lies below the uppermost layer")
        #expect(image.layers.isEmpty && image.digests.isEmpty)
    }

    @Test func aContainerdStoreIsToldByItsDriversStatus() throws {
        var answer = try Self.recorded()
        answer.info =
            #"{"Driver":"overlayfs","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"#
            + #""Architecture":"aarch64","DockerRootDir":"/srv/docker"}"#
        let engine = try ObservedEngine(answer)
        #expect(engine.usesContainerdStore)
        #expect(
            (engine.storageDriver, engine.rootDirectory, engine.architecture) == ("overlayfs", "/srv/docker", "arm64")
        )
        answer.info = "Storage Driver: overlayfs\n driver-type: io.containerd.snapshotter.v1\nArchitecture: x86_64"
        #expect(try ObservedEngine(answer).usesContainerdStore)
    }

    @Test(arguments: [
        ("x86_64", "amd64"), ("amd64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("armv7l", "arm"),
        ("armv6l", "arm"), ("i686", "386"), ("s390x", "s390x"), ("ppc64le", "ppc64le"), ("", nil),
    ])
    func architecturesHaveTheNamesThatImagesUse(_ said: String, _ name: String?) {
        #expect(ImageArchitecture.name(said) == name)
    }

    @Test(arguments: [
        "no list": #"{"Id":"x"}"#, "cut off": "[{", "nothing": "", "no id": #"[{"Size":1}]"#,
        "an id that is none": #"[{"Id":"sha256:12","Size":1}]"#,
        "no size": #"[{"Id":"\#(nginx)"}]"#,
        "names that are no list": #"[{"Id":"\#(nginx)","Size":1,"RepoTags":"x"}]"#,
        "layers that are no texts": #"[{"Id":"\#(nginx)","Size":1,"RepoTags":[],"RootFS":{"Layers":[1]}}]"#,
    ])
    func whatCannotBeReadIsUnknownAndNeverAbsent(_ why: String, _ inspected: String) throws {
        var answer = try Self.recorded()
        answer.inspected = inspected
        #expect(throws: UnreadableEngine.self, "\(why)") { try ObservedEngine(answer) }
        let seen = try ObserveSample.observed(
            Self.tall,
            in: Self.withImages(),
            answers: [.images: .images(answer)]
        )
        guard case .unknown(let reason) = seen.engine else { throw NotUnknown() }
        #expect(reason.contains("docker inspect") || reason.contains("image's id"))
    }

    @Test(arguments: [
        ("busy/box  1  \(String(repeating: "5f", count: 32))  now  1 B", "which docker inspect does not know"),
        ("busy/box  1", "too few columns"), ("busy/box  1  short  now", "no image's id"),
    ])
    func aTableThatDoesNotFitIsUnknown(_ rows: String, _ words: String) {
        #expect { try ObservedEngine(Self.ancient(table: rows)) } throws: { error in
            (error as? UnreadableEngine)?.reason.contains(words) ?? false
        }
    }

    @Test(arguments: [
        "", "Cannot connect to the Docker daemon", "{", "{}",
        #"{"ServerErrors":["Cannot connect to the Docker daemon"]}"#,
    ])
    func anEngineThatSaysNothingOfItselfIsUnknown(_ info: String) throws {
        var answer = try Self.recorded()
        answer.info = info
        #expect(throws: UnreadableEngine.self) { try ObservedEngine(answer) }
        answer = try Self.recorded()
        answer.used = "Error: No such container: x"
        #expect(throws: UnreadableEngine.self) { try ObservedEngine(answer) }
    }

    @Test func theThreeAnswersOfAnEngineStayThree() throws {
        func engine(_ answer: FactAnswer) throws -> Observation<ObservedEngine> {
            try ObserveSample.observed(Self.tall, in: Self.withImages(), answers: [.images: answer]).engine
        }
        #expect(try engine(.absent) == .absent)
        #expect(try engine(.unknown(reason: "permission denied")) == .unknown("permission denied"))
        #expect(try engine(.images(try Self.recorded())).value?.images.count == 3)
        let groups = try ObserveSample.observed(
            Self.tall,
            answers: [.controlGroups: .controlGroups(version1: ["cpu"], hasVersion2: true)]
        )
        #expect(groups.controlGroups == .found(["cpu"]))
    }

    private struct NotUnknown: Error {}
}
