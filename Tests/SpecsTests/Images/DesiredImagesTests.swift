import Testing

@testable import Specs

@Suite struct DesiredImagesTests {
    @Test(arguments: [
        ("web", "web:latest"), ("web:2", "web:2"), ("a/web", "a/web:latest"), ("r.io:5000/web", "r.io:5000/web:latest"),
        ("r.io:5000/a/web:2", "r.io:5000/a/web:2"), ("web@sha256:12", "web@sha256:12"),
        ("web:2@sha256:12", "web@sha256:12"), ("docker.io/library/web", "web:latest"), ("docker.io/a/web:2", "a/web:2"),
        ("index.docker.io/web", "web:latest"), ("library/web", "web:latest"),
        ("r.io/library/web", "r.io/library/web:latest"),
        ("library/a/web", "library/a/web:latest"), ("localhost/web", "localhost/web:latest"),
    ])
    func aReferenceIsWhatEnginesList(name: String, reference: String) {
        #expect(ImageName(name).reference == reference)
        #expect(ImageName(reference).reference == reference)
    }

    @Test(arguments: [
        ("{}", ImageOrigin.engine(.thisMachine)), ("{from: host}", .engine(.ssh("host"))),
        ("{build: ctx}", .build(directory: "ctx", on: .thisMachine)),
        ("{build: ctx, from: host}", .build(directory: "ctx", on: .ssh("host"))), ("{tar: x.tar}", .tar(path: "x.tar")),
        ("{via: registry}", .registry),
    ])
    func anImageComesFromWhereItIsSaid(written: String, origin: ImageOrigin) throws {
        let desired = try ImageSample.desired("r.io/web: \(written)", files: ["ctx/Dockerfile", "x.tar"])
        #expect(desired.images.map(\.origin) == [origin])
        #expect(desired.images.map(\.reference) == ["r.io/web:latest"])
    }

    @Test(arguments: [
        ("{to: agents}", ["a1", "a2"]), ("{to: [d, a1]}", ["a1", "d"]), ("{to: derived}", ["a1"]),
        ("{}", ["a1"]),
    ])
    func anImageGoesToItsNodesInTheOrderOfTheFile(written: String, nodes: [String]) throws {
        let app = ImageSample.app("/one", "web:latest", #"[["rack", "LIKE", "r1"]]"#)
        // All agents have an engine here.
        let cluster = ImageSample.cluster("web: \(written)").replacing("  a3: ", with: "  # a3: ")
        let reading = ImageSample.read(cluster, [app])
        let desired = try #require(try reading.checked().desiredImages(for: reading.apps))
        #expect(desired.images.map { $0.nodes.map(\.text) } == [nodes])
        #expect(desired.eligible == ["/one": ["a1"]])
    }

    @Test func theNodesOfSeveralAppsAreJoined() throws {
        let apps = [
            ImageSample.app("/z", "web", #"[["rack", "CLUSTER", "r2"]]"#),
            ImageSample.app("/a", "web:latest", #"[["rack", "IS", "r1"]]"#),
            ImageSample.app("/other", "r.io/other"), ImageSample.app("/mesos", "web", type: "MESOS"),
        ]
        let desired = try ImageSample.desired("web: {}", apps)
        #expect(desired.images.map(\.apps) == [["/a", "/z"]])
        #expect(desired.images.map(\.nodes) == [["a1", "a2"]])
        #expect(desired.eligible == ["/z": ["a2"], "/a": ["a1"]])
    }

    @Test func anAgentWithoutDockerIsNotAllowed() throws {
        let desired = try ImageSample.desired("web: {}", [ImageSample.app("/a", "web")])
        #expect(desired.images.map(\.nodes) == [["a1", "a2"]])
        #expect(desired.eligible == ["/a": ["a1", "a2"]])
    }

    @Test func whereEveryAgentIsAllowedNothingIsSaid() throws {
        let cluster = ImageSample.cluster("web: {}").replacing("  a3: ", with: "  # a3: ")
        let reading = ImageSample.read(cluster, [ImageSample.app("/a", "web")])
        #expect(try reading.checked().desiredImages(for: reading.apps)?.eligible == [:])
    }

    @Test func anImageThatNoAppRunsGoesNowhere() throws {
        let desired = try ImageSample.desired("web: {}")
        #expect(desired.images.map(\.nodes) == [[]])
        #expect(desired.images.map(\.apps) == [[]])
    }

    @Test func howImagesTravelHasDefaults() throws {
        #expect(
            try ImageSample.desired("web: {}").transfer == DesiredTransfer(parallel: 4, bandwidth: nil, isTree: false)
        )
        let declared = "transfer: {parallel: 64, bandwidth: 10MiB/s, fanout: tree}"
        let transfer = try ImageSample.desired("web: {}", more: declared).transfer
        #expect(transfer == DesiredTransfer(parallel: 64, bandwidth: 10 << 20, isTree: true))
    }

    @Test(arguments: [
        ("", false), ("policy: {prune: {images: never}}", false),
        ("policy: {prune: {images: always}}", true),
    ])
    func replacedImagesAreRemovedOnlyWhereThatIsSaid(policy: String, prunes: Bool) throws {
        #expect(try ImageSample.desired("web: {}", more: policy).prunes == prunes)
    }

    @Test func aClusterWithoutImagesWantsNone() throws {
        let cluster = ImageSample.cluster("web: {}").replacing("images:\n  web: {}", with: "")
        let spec = try ImageSample.read(cluster).checked()
        #expect(spec.desiredImages(for: []) == nil)
        #expect(DesiredCluster(spec, platforms: [:]).images == nil)
    }

    @Test func theDesiredClusterHasThem() throws {
        let reading = ImageSample.read(ImageSample.cluster("web: {arch: arm64}"), [ImageSample.app("/a", "web")])
        let spec = try reading.checked()
        let desired = DesiredCluster(spec, platforms: [:], apps: reading.apps)
        #expect(desired.images == DesiredImages(spec: spec, apps: reading.apps))
        #expect(desired.images?.images.first?.architecture == "arm64")
        #expect(desired.images?.images.first?.position.column == 3)
    }
}
