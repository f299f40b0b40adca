import Testing

@testable import Daemons

private let start = Moment(milliseconds: 1_763_817_308_165)

/// What differs from run to run: digests (64 or 12 hexadecimal digits) and the scratch directory's number.
private func masked(_ text: String) -> String {
    var words: [String] = []
    var word = ""
    func end() {
        let isHex = word.allSatisfy(\.isHexDigit)
        words.append(isHex && (word.count == 64 || word.count == 12) ? "#" : word)
        word = ""
    }
    for character in text {
        if character.isLetter || character.isNumber {
            word.append(character)
        } else {
            end()
            words.append(String(character))
        }
    }
    end()
    return words.joined()
}

/// The two daemons of labs/docker-20.10-save-load.txt; sockets and directories are the package's.
@Suite struct DockerTranscriptTests {
    private let image = DockerFile.fileSystem(content: "one", bytes: 3_035_667)

    private func engines() -> (DockerEngine, DockerEngine) {
        var a = DockerEngine(version: DockerVersion("20.10.24+dfsg1"), node: "a", seed: 1)
        _ = a.command(["import", "-", "libmesos/ubuntu:1.0"], input: image, at: start)
        _ = a.command(["tag", "libmesos/ubuntu:1.0", "libmesos/ubuntu:latest"], at: start)
        return (a, DockerEngine(version: DockerVersion("20.10.24+dfsg1"), node: "b", seed: 2))
    }

    private func saved(_ engine: inout DockerEngine, _ names: String...) throws -> DockerFile {
        let answer = engine.command(["save", "-o", "s.tar"] + names, at: start)
        #expect(answer.status == 0)
        #expect(answer.written?.path == "s.tar")
        return .archive(try #require(answer.written?.archive))
    }

    @Test func `an imported image has a digest for an id, its tags and no repository digests`() throws {
        var (a, _) = engines()
        let id = try #require(a.imageID("libmesos/ubuntu"))
        let format =
            "{{.Id}} repotags={{.RepoTags}} digests={{.RepoDigests}} size={{.Size}} layers={{len .RootFS.Layers}}"
        let answer = a.command(["image", "inspect", "-f", format, "libmesos/ubuntu:1.0"], at: start)
        #expect(
            answer.standardOutput
                == "\(id) repotags=[libmesos/ubuntu:1.0 libmesos/ubuntu:latest] digests=[] size=3035667 layers=1\n"
        )
        #expect(masked(id) == "sha256:#")
    }

    @Test func `what is saved depends on the name: all tags, one, or none`() throws {
        let (a, _) = engines()
        let id = try #require(a.imageID("libmesos/ubuntu"))
        func manifest(_ name: String) throws -> String { masked(try #require(a.save([name])).manifest) }
        #expect(
            try manifest("libmesos/ubuntu")
                == ##"[{"Config":"#.json","RepoTags":["libmesos/ubuntu:1.0","libmesos/ubuntu:latest"],"Layers":["#/layer.tar"]}]"##
        )
        #expect(
            try manifest("libmesos/ubuntu:latest")
                == ##"[{"Config":"#.json","RepoTags":["libmesos/ubuntu:latest"],"Layers":["#/layer.tar"]}]"##
        )
        #expect(try manifest(id) == ##"[{"Config":"#.json","RepoTags":null,"Layers":["#/layer.tar"]}]"##)
        let whole = try #require(a.save(["libmesos/ubuntu"]))
        #expect(
            whole.members.map(masked).sorted()
                == ["#.json", "#/", "#/VERSION", "#/json", "#/layer.tar", "manifest.json", "repositories"]
        )
        #expect(masked(whole.repositories ?? "") == ##"{"libmesos/ubuntu":{"1.0":"#","latest":"#"}}"##)
        #expect(a.save(["libmesos/ubuntu"]) == whole)
        #expect(whole.manifest.contains(id.dropFirst(7)))
        // 3049472 as recorded, which has a header for every file of the layer too.
        #expect(3_035_667...3_060_000 ~= whole.bytes)
    }

    @Test func `loading keeps the id, says every tag, and is idempotent`() throws {
        var (a, b) = engines()
        let file = try saved(&a, "libmesos/ubuntu")
        for _ in 1...2 {
            let answer = b.command(["load", "-i", "s.tar"], at: start) { $0 == "s.tar" ? file : nil }
            #expect(
                answer == .lines(["Loaded image: libmesos/ubuntu:1.0", "Loaded image: libmesos/ubuntu:latest"])
            )
        }
        #expect(b.imageID("libmesos/ubuntu") == a.imageID("libmesos/ubuntu"))
        #expect(b.images.count == 1)
        let id = try #require(a.imageID("libmesos/ubuntu"))
        let byID = try saved(&a, id)
        var fresh = DockerEngine(version: b.version, node: "c", seed: 3)
        #expect(fresh.command(["load"], input: byID, at: start) == .lines(["Loaded image ID: \(id)"]))
        #expect(fresh.tags.isEmpty)
    }

    @Test func `a tag that points elsewhere is moved and the old image stays`() throws {
        var (a, b) = engines()
        _ = b.load(try saved(&a, "libmesos/ubuntu"))
        let old = try #require(b.imageID("libmesos/ubuntu"))
        let new = a.build("libmesos/ubuntu:latest", content: "two", bytes: 3_035_000, at: start + 13_000)
        let answer = b.load(try saved(&a, "libmesos/ubuntu:latest"))
        let moved =
            "The image libmesos/ubuntu:latest already exists, renaming the old one with ID \(old) to empty string"
        #expect(answer == .lines([moved, "Loaded image: libmesos/ubuntu:latest"]))
        let list = b.command(
            ["images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"],
            at: start + 18_000
        )
        #expect(list == .lines(["libmesos/ubuntu:latest \(new)", "libmesos/ubuntu:1.0 \(old)"]))
        #expect(b.command(["rmi", "libmesos/ubuntu:1.0"], at: start).status == 0)
        #expect(b.command(["images", "-q", "-f", "dangling=true"], at: start) == DockerAnswer())
        _ = b.load(try saved(&a, "libmesos/ubuntu:1.0"))
        a.build("libmesos/ubuntu:1.0", content: "three", bytes: 10, at: start)
        _ = b.load(try saved(&a, "libmesos/ubuntu:1.0"))
        let dangling = b.command(["images", "-q", "--no-trunc", "-f", "dangling=true"], at: start)
        #expect(dangling == .lines([old]))
    }

    @Test func `what cannot be loaded is refused in the daemon's words`() throws {
        var (a, b) = engines()
        guard case .archive(let archive, _) = try saved(&a, "libmesos/ubuntu") else { return }
        let broken = "Error processing tar file(exit status 1): unexpected EOF\n"
        for file in [DockerFile.archive(archive, isTruncated: true), .garbage] {
            #expect(b.load(file) == DockerAnswer(standardError: broken, status: 1))
        }
        let empty = b.load(.empty)
        #expect(empty.status == 1)
        #expect(empty.standardError.hasPrefix("open /var/lib/docker/tmp/docker-import-"))
        #expect(empty.standardError.hasSuffix("/repositories: no such file or directory\n"))
        #expect(
            b.command(["load", "-i", "nofile.tar"], at: start)
                == DockerAnswer(standardError: "open nofile.tar: no such file or directory\n", status: 1)
        )
        b.freeBytes = archive.bytes
        let full = b.load(.archive(archive))
        #expect(full.status == 1 && full.standardError.hasSuffix("layer.tar: no space left on device\n"))
        #expect(b.images.isEmpty)
        b.freeBytes = archive.bytes * 2
        #expect(b.load(.archive(archive)).status == 0)
    }

    @Test func `absent, unreachable and forbidden are told apart`() {
        var (a, _) = engines()
        let missing = a.command(["image", "inspect", "-f", "{{.Id}}", "nope:1"], at: start)
        #expect(
            missing == DockerAnswer(standardOutput: "\n", standardError: "Error: No such image: nope:1\n", status: 1)
        )
        let unsaved = a.command(["save", "-o", "x.tar", "nope:1"], at: start)
        let unknown = "Error response from daemon: reference does not exist\n"
        #expect(unsaved == DockerAnswer(standardError: unknown, status: 1))
        let tree = a.command(["images", "--tree"], at: start)
        #expect(
            tree
                == DockerAnswer(
                    standardError: "unknown flag: --tree\nSee 'docker images --help'.\n",
                    status: 125
                )
        )
        let forbidden = a.command(["images"], by: .other, at: start)
        #expect(
            forbidden.standardError
                == "permission denied while trying to connect to the Docker daemon socket at "
                + "unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/images/json\": "
                + "dial unix /var/run/docker.sock: connect: permission denied\n"
        )
        #expect(forbidden.status == 1)
        _ = a.stopEngine(at: start)
        let down = a.command(["image", "inspect", "-f", "{{.Id}}", "libmesos/ubuntu"], at: start)
        let words =
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
        #expect(down == DockerAnswer(standardError: words, status: 1))
    }

    @Test func `images are listed as recorded`() {
        var (a, _) = engines()
        a.build("libmesos/ubuntu:latest", content: "two", bytes: 3_035_667, at: start + 13_000)
        a.build("feuyeux/nginx:1", content: "three", bytes: 3_035_667, at: start + 18_000)
        let plain = a.command(["images"], at: start + 18_500)
        #expect(
            masked(plain.standardOutput) == """
                REPOSITORY        TAG       IMAGE ID       CREATED                  SIZE
                feuyeux/nginx     1         #   Less than a second ago   3.04MB
                libmesos/ubuntu   latest    #   5 seconds ago            3.04MB
                libmesos/ubuntu   1.0       #   18 seconds ago           3.04MB

                """
        )
        let digests = a.command(["images", "--digests"], at: start + 18_500)
        #expect(
            masked(digests.standardOutput) == """
                REPOSITORY        TAG       DIGEST    IMAGE ID       CREATED                  SIZE
                feuyeux/nginx     1         <none>    #   Less than a second ago   3.04MB
                libmesos/ubuntu   latest    <none>    #   5 seconds ago            3.04MB
                libmesos/ubuntu   1.0       <none>    #   18 seconds ago           3.04MB

                """
        )
        let two = a.save(["libmesos/ubuntu:latest", "feuyeux/nginx:1"])
        #expect(two?.entries.map(\.tags) == [["libmesos/ubuntu:latest"], ["feuyeux/nginx:1"]])
    }
}

@Suite struct DockerEngineTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of FIPS 180-4`(text: String, digest: String) {
        #expect(DockerDigest.hex(text) == digest)
    }

    @Test func `Mesos 0.21 finds its line in what 1.4.1 prints and not in what later ones print`() {
        func probe(_ version: String) -> DockerProbe {
            DockerEngine(version: DockerVersion(version), node: "n", seed: 1).probe()
        }
        #expect(probe("1.4.1").version.hasPrefix("Client version: 1.4.1\n"))
        #expect(probe("1.4.1").clientLine == "Docker version 1.4.1, build 5bc2ff8")
        for version in ["1.13.1", "20.10.24+dfsg1"] {
            #expect(probe(version).version.hasPrefix("Client:\n Version: "))
            #expect(!probe(version).version.contains("Client version: "))
        }
        #expect(probe("20.10.24+dfsg1").clientLine == "Docker version 20.10.24+dfsg1, build 297e128")
    }

    @Test func `across 1.10 ids are others, within an era they stay`() throws {
        var old = DockerEngine(version: DockerVersion("1.4.1"), node: "old", seed: 1)
        var other = DockerEngine(version: DockerVersion("1.4.1"), node: "other", seed: 2)
        var new = DockerEngine(version: DockerVersion("20.10.24"), node: "new", seed: 3)
        let id = old.build("nginx", content: "x", bytes: 10, at: start)
        #expect(id.count == 64)
        let archive = try #require(old.save(["nginx"]))
        #expect(other.load(.archive(archive)) == DockerAnswer())
        #expect(other.imageID("nginx") == id)
        _ = new.load(.archive(archive))
        #expect(new.imageID("nginx")?.hasPrefix("sha256:") == true)
        let newer = try #require(new.save(["nginx"]))
        #expect(old.load(.archive(newer)).status == 0)
        #expect(old.imageID("nginx") != id)
        #expect(old.imageID("nginx")?.count == 64)
    }

    private func engine() -> DockerEngine {
        var engine = DockerEngine(version: DockerVersion("20.10.24"), node: "n", seed: 1)
        engine.build("nginx:1", content: "x", bytes: 1000, at: start)
        return engine
    }

    private let web = DockerRun(
        image: "nginx:1",
        network: "BRIDGE",
        portMappings: [.init(hostPort: 31_000, containerPort: 80, protocol: "tcp")]
    )

    @Test func `a port is given once, and a missing image is not found anywhere`() {
        var engine = engine()
        #expect(engine.run(web, name: "one", at: start).status == 0)
        let second = engine.run(web, name: "two", at: start)
        #expect(second.status == 125)
        #expect(second.standardError.contains("Bind for 0.0.0.0:31000 failed: port is already allocated."))
        #expect(engine.container("two")?.state == .created)
        let again = engine.run(web, name: "one", at: start)
        #expect(again.standardError.contains("The container name \"/one\" is already in use by container"))
        let missing = engine.run(DockerRun(image: "nope"), name: "three", at: start)
        #expect(missing.status == 125)
        #expect(missing.standardError.hasPrefix("Unable to find image 'nope:latest' locally\ndocker: Error response"))
        let list = engine.command(["ps", "--format", "{{.Names}} {{.Status}} {{.Ports}}"], at: start + 5000)
        #expect(list == .lines(["one Up 5 seconds 0.0.0.0:31000->80/tcp"]))
    }

    @Test func `an image in use stays, and goes with its last tag otherwise`() throws {
        var engine = engine()
        let id = try #require(engine.imageID("nginx:1"))
        _ = engine.run(web, name: "one", at: start)
        let refused = engine.command(["rmi", "nginx:1"], at: start)
        #expect(refused.status == 1)
        #expect(
            refused.standardError.contains("conflict: unable to remove repository reference \"nginx:1\" (must force)")
        )
        #expect(engine.command(["rmi", "-f", id], at: start).standardError.contains("(cannot be forced)"))
        _ = engine.command(["tag", "nginx:1", "nginx:2"], at: start)
        #expect(engine.command(["rmi", "nginx:2"], at: start) == .lines(["Untagged: nginx:2"]))
        #expect(engine.command(["stop", "one"], at: start).ended == ["one"])
        #expect(engine.command(["rm", "one"], at: start) == .lines(["one"]))
        let removed = engine.command(["rmi", "nginx:1"], at: start)
        #expect(removed.standardOutput.hasPrefix("Untagged: nginx:1\nDeleted: \(id)\n"))
        #expect(engine.images.isEmpty)
        #expect(engine.diskBytes == 0)
    }

    @Test(arguments: [false, true]) func `containers end with the daemon unless they live on`(livesOn: Bool) {
        var engine = engine()
        engine.isLiveRestoring = livesOn
        _ = engine.run(web, name: "one", at: start)
        #expect(engine.stopEngine(at: start + 1000) == (livesOn ? [] : ["one"]))
        engine.startEngine(at: start + 1500)
        #expect(engine.container("one")?.isRunning == livesOn)
        // A port of a container that ended is free again.
        #expect(engine.run(web, name: "two", at: start + 2000).status == (livesOn ? 125 : 0))
    }

    @Test func `a power cut ends containers with 255`() {
        var engine = engine()
        _ = engine.run(web, name: "one", at: start)
        engine.startEngine(at: start + 60_000)
        let list = engine.command(["ps", "-a", "--format", "{{.Names}} {{.Status}}"], at: start + 62_000)
        #expect(list == .lines(["one Exited (255) 2 seconds ago"]))
    }

    @Test func `layers that images share take their place once`() {
        var engine = engine()
        engine.build("app:1", from: "nginx:1", content: "y", bytes: 50, at: start)
        #expect(engine.diskBytes == 1050)
        #expect(engine.imageID("app:1").flatMap { engine.images[$0] }?.bytes == 1050)
        #expect(engine.save(["nginx:1", "app:1"])?.members.count == 4 * 2 + 2 + 2)
    }
}
