import Testing

@testable import Daemons

/// Archives without layers that the engine has already (mesos-zk-ops.md 7).
@Suite struct DockerPartialLoadTests {
    private static let base = DockerImage.Content("base", bytes: 1000)

    private func engine(_ version: String, containerd: Bool = false, has own: String? = nil) -> DockerEngine {
        var engine = DockerEngine(version: DockerVersion(version), node: "n", seed: 1)
        engine.usesContainerdStore = containerd
        if let own { engine.add("a", layers: [Self.base, .init(own, bytes: 500)], created: Moment(milliseconds: 0)) }
        return engine
    }

    /// The second version of `a`, without its base.
    private func partial(of source: DockerEngine) throws -> DockerArchive {
        var archive = try #require(source.save(["a"]))
        archive.leftOut = [try #require(archive.entries.first?.image.layers.first?.diffID)]
        return archive
    }

    @Test(arguments: ["1.10.3", "1.12.6", "20.10.24+dfsg1"])
    func `the classic store takes a layer it has from itself`(version: String) throws {
        let source = engine(version, has: "two")
        let archive = try partial(of: source)
        var node = engine(version, has: "one")
        #expect(node.load(.archive(archive)).status == 0)
        #expect(node.imageID("a") == source.imageID("a"))
        #expect(archive.bytes < (try #require(source.save(["a"]))).bytes)
        #expect(!archive.members.contains { $0.hasPrefix(archive.entries[0].image.layerDirectories[0]) })
    }

    @Test(arguments: [("20.10.24", false), ("1.4.1", true), ("1.9.1", true)])
    func `a layer that it has not, or an engine that does not look, fails by the file's name`(
        version: String,
        has: Bool
    ) throws {
        let archive = try partial(of: engine(version, has: "two"))
        var node = engine(version, has: has ? "one" : nil)
        let before = node.images
        let answer = node.load(.archive(archive))
        #expect(answer.status == 1)
        #expect(answer.standardError.contains("/var/lib/docker/tmp/docker-import-"))
        #expect(answer.standardError.hasSuffix("/layer.tar: no such file or directory\n"))
        #expect(node.images == before)
    }

    @Test func `containerd's store wants whole images and has other ids`() throws {
        let archive = try partial(of: engine("29.0.0", has: "two"))
        var node = engine("29.0.0", containerd: true, has: "one")
        let answer = node.load(.archive(archive))
        #expect(answer.standardError.hasSuffix("/layer.tar\" not found\n"))
        let classic = engine("29.0.0", has: "one")
        #expect(node.imageID("a") != classic.imageID("a"))
        #expect(
            node.command(["info"], at: Moment(milliseconds: 0)).standardOutput.contains("io.containerd.snapshotter.v1")
        )
        var whole = archive
        whole.leftOut = nil
        #expect(node.load(.archive(whole)).status == 0)
    }

    @Test func `an old engine moves a tag by force only, and tells neither names nor layers of an image`() throws {
        var node = engine("1.4.1", has: "one")
        let old = try #require(node.imageID("a"))
        let new = node.add("b", layers: [Self.base], created: Moment(milliseconds: 0))
        let now = Moment(milliseconds: 1)
        #expect(node.command(["tag", new, "a"], at: now).standardError.contains("please use -f option"))
        #expect(node.imageID("a") == old)
        #expect(node.command(["tag", "-f", new, "a"], at: now).status == 0)
        #expect(node.imageID("a") == new)
        let said = node.command(["inspect", new], at: now).standardOutput
        #expect(!said.contains("RepoTags") && !said.contains("RootFS") && said.contains("VirtualSize"))
        #expect(
            node.command(["info", "--format", "{{json .}}"], at: now).standardError.contains("provided but not defined")
        )
    }
}
