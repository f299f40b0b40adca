import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// A node with an engine, and parts that are put on it by hand.
struct ImageNode {
    var node: LabNode
    var now = Moment.sample
    /// Where images are built.
    var source: DockerEngine

    init(_ version: String, containerd: Bool = false) throws {
        node = try #require(LabNode.sample(.debian12))
        var engine = DockerEngine(version: DockerVersion(version), node: "node1", seed: 1)
        engine.usesContainerdStore = containerd
        node.engine = engine
        node.dockerProbe = engine.probe()
        source = DockerEngine(version: DockerVersion(version), node: "source", seed: 2)
    }

    mutating func act(_ act: ImageNodeAct) -> ActionResult { node.perform(.image(act), run: .sample, at: now) }

    /// Stages the parts of an image of the source.
    mutating func put(_ reference: String, without lowest: Int = 0) throws -> ImageLoad {
        var archive = try #require(source.save([reference]))
        let image = try #require(archive.entries.first?.image)
        if lowest > 0 { archive.leftOut = image.layers.prefix(lowest).map(\.diffID).sorted() }
        let parts =
            archive.layers.map { StagedPart(piece: .layer($0), bytes: $0.bytes / 2) }
            + [StagedPart(piece: .glue(archive), bytes: 1024)]
        for part in parts {
            node.files.fill("\(StatePath.images)/\(part.digest)", bytes: part.bytes, at: now)
            node.stagedParts = (node.stagedParts ?? [:]).merging([part.digest: part]) { $1 }
        }
        return ImageLoad(
            parts: parts.map(\.digest),
            id: image.id,
            reference: reference + ":latest",
            layers: image.layers.map(\.diffID)
        )
    }

    mutating func load(_ load: ImageLoad, job: String = "load") throws -> ActionResult {
        #expect(act(.load(load, job: job)) == .done(detail: "started"))
        #expect(node.perform(.collect(job: job, seconds: 0), run: .sample, at: now).isPending)
        now = try #require(node.jobEnds(job, run: .sample))
        return node.perform(.collect(job: job, seconds: 0), run: .sample, at: now)
    }

    func images() -> ImagesAnswer? {
        if case .images(let answer)? = node.answer(.images, at: now) { answer } else { nil }
    }
}

@Suite struct NodeImageTests {
    @Test(arguments: ["1.4.1", "1.12.6", "20.10.24+dfsg1"])
    func `parts become an image, in their order and once`(version: String) throws {
        var pair = try ImageNode(version)
        pair.source.add(declared: "web")
        #expect(pair.act(.stage(bytes: 80_000_000, unpacked: 180_000_000)) == .done(detail: ""))
        #expect(pair.act(.stage(bytes: 80_000_000, unpacked: 180_000_000)) == .alreadyInPlace)
        let load = try pair.put("web")
        #expect(pair.images()?.stagedBytes == 90_001_024)
        let began = pair.now
        #expect(try pair.load(load).isDone)
        // 180 MB at 20 MB a second.
        #expect(9000...11_000 ~= pair.now - began)
        let answer = try #require(pair.images())
        #expect(answer.version == version)
        #expect(answer.table.contains(load.id) && answer.inspected.contains(load.id))
        #expect(answer.info.hasPrefix("{") == (version == "20.10.24+dfsg1"))
        #expect(try pair.load(load, job: "again") == .alreadyInPlace)
        #expect(pair.act(.clear).isDone)
        #expect(pair.act(.clear) == .alreadyInPlace)
        #expect(pair.images()?.stagedBytes == 0)
    }

    @Test func `layers that are there need not come, where the engine looks for them`() throws {
        for (version, containerd, works) in [
            ("20.10.24", false, true), ("29.0.0", true, false), ("1.4.1", false, false),
        ] {
            var pair = try ImageNode(version, containerd: containerd)
            pair.node.engine?.add(declared: "other")
            pair.source.add(declared: "web")
            let load = try pair.put("web", without: 1)
            let result = try pair.load(load)
            #expect(result.isDone == works, "\(version): \(result)")
            if !works { #expect(result.trouble?.hasPrefix("docker load: ") == true, "\(result)") }
        }
    }

    @Test func `parts that are not there, not whole or in disorder load nothing`() throws {
        var pair = try ImageNode("20.10.24")
        pair.source.add(declared: "web")
        let nowhere = ImageLoad(
            parts: [DockerDigest.hex("x")],
            id: DockerDigest.hex("y"),
            reference: "web:1",
            layers: []
        )
        #expect(try pair.load(nowhere, job: "a").trouble == "there are no staged parts here; run again")
        var load = try pair.put("web")
        #expect(try pair.load(nowhere, job: "b").trouble?.hasSuffix("is not staged here; run again") == true)
        let words = "docker load: Error processing tar file(exit status 1): unexpected EOF "
        let whole = load.parts
        load.parts = Array(whole.dropLast())
        #expect(try pair.load(load, job: "c").trouble == words)
        load.parts = [whole[1], whole[0], whole[2]]
        #expect(try pair.load(load, job: "d").trouble == words)
        load.parts = whole
        load.id = "sha256:" + DockerDigest.hex("another")
        #expect(
            try pair.load(load, job: "e").trouble?.hasPrefix("docker load reported success, yet web:latest is ") == true
        )
        #expect(pair.act(.load(ImageLoad(parts: [], id: "x", reference: "web", layers: []), job: "f")).trouble != nil)
    }

    @Test func `room is asked for beforehand, in numbers, and missed in the engine's words`() throws {
        var pair = try ImageNode("20.10.24")
        pair.source.add(declared: "web")
        // Our own directory takes some too.
        #expect(pair.act(.stage(bytes: 0, unpacked: 0)).isDone)
        let free = pair.node.freeBytes / 1024 * 1024
        #expect(
            pair.act(.stage(bytes: 1, unpacked: free)).trouble
                == "/var/lib/docker: not enough room: \(2 * free + 1) bytes are needed (1 for the parts, \(2 * free) for "
                + "unpacking), \(free) are free; make room and run again"
        )
        let load = try pair.put("web")
        pair.node.files.fill("/var/tmp/filler", bytes: pair.node.freeBytes - 200_000_000, at: pair.now)
        let failed = try pair.load(load)
        #expect(failed.trouble?.hasPrefix("disk full: docker load: ") == true, "\(failed)")
    }

    @Test func `an image goes only where nothing needs it`() throws {
        var pair = try ImageNode("20.10.24")
        pair.node.engine?.add(declared: "web")
        pair.node.engine?.add(declared: "next")
        let engine = try #require(pair.node.engine)
        let (web, next) = (try #require(engine.imageID("web")), try #require(engine.imageID("next")))
        #expect(pair.act(.remove(id: web)).trouble == "\(web): it has a name (web:latest); nothing was removed")
        #expect(pair.act(.tag(id: next, reference: "web:latest")) == .done(detail: "it was \(web)"))
        #expect(pair.act(.tag(id: next, reference: "web:latest")) == .alreadyInPlace)
        let run = DockerRun(image: web, network: "HOST")
        let started = pair.node.engine?.run(run, name: "task", at: pair.now)
        #expect(started?.status == 0)
        #expect(pair.images()?.used == web + "\n")
        #expect(pair.act(.remove(id: web)).trouble == "\(web): a container was made from it; nothing was removed")
        _ = pair.node.engine?.command(["rm", "-f", "task"], at: pair.now)
        #expect(pair.act(.remove(id: web)).isDone)
        #expect(pair.act(.remove(id: web)) == .alreadyInPlace)
    }

    @Test func `left parts are removed after a quarter of an hour, and a dead engine is not an absent one`() throws {
        var pair = try ImageNode("20.10.24")
        pair.source.add(declared: "web")
        #expect(pair.act(.stage(bytes: 0, unpacked: 0)).isDone)
        _ = try pair.put("web")
        pair.node.advance(to: pair.now + 899_000)
        #expect(pair.node.stagedBytes > 0)
        pair.node.advance(to: pair.now + 901_000)
        #expect(pair.node.stagedBytes == 0 && !pair.node.files.exists(StatePath.images))

        pair.node.dockerProbe?.engineAnswers = false
        guard case .unknown(let reason)? = pair.node.answer(.images, at: pair.now) else {
            Issue.record("a stopped engine answers")
            return
        }
        #expect(reason.hasPrefix("docker version: Cannot connect to the Docker daemon"))
        pair.node.dockerProbe = nil
        #expect(pair.node.answer(.images, at: pair.now) == .absent)
    }

    @Test func `nobody can pull, and it is said in docker's words`() throws {
        var pair = try ImageNode("20.10.24")
        let source = "registry.example.org/web@sha256:" + DockerDigest.hex("web")
        #expect(pair.act(.pull(source, reference: "web:1", job: "pull")).isDone)
        pair.now = try #require(pair.node.jobEnds("pull", run: .sample))
        let result = pair.node.perform(.collect(job: "pull", seconds: 0), run: .sample, at: pair.now)
        #expect(result.trouble?.hasPrefix("docker pull \(source): Error response from daemon: ") == true, "\(result)")
    }

    @Test(arguments: LabPlatform.allCases)
    func `control groups are those of the platform`(platform: LabPlatform) throws {
        var node = try #require(LabNode.sample(platform))
        guard case .controlGroups(let bare, _)? = node.answer(.controlGroups, at: .sample) else { return }
        #expect(bare.contains("cpu") == (platform != .debian12))
        // As the world's and the testbed's nodes are booted.
        node.hasCPUHierarchy = true
        guard case .controlGroups(let version1, let hasVersion2)? = node.answer(.controlGroups, at: .sample) else {
            return
        }
        #expect(version1.contains("cpu") && hasVersion2 == (platform == .debian12))
    }
}
