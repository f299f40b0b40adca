import Testing

@testable import Specs

@Suite struct ImageRuleTests {
    /// Images as they are written, with a mark where the fault is, and parts of what is said.
    static let errors: [(String, [String])] = [
        ("web: {tar: x.tar, 1️⃣build: ctx}", ["has both `build` and `tar`"]),
        ("web: {tar: x.tar, from: 1️⃣host}", ["has both `tar` and `from`", "no host is asked"]),
        ("web: {via: 1️⃣host}", ["`host` is none of the words for `via`", "registry"]),
        ("web: {via: 1️⃣registry}", ["names no registry", "registry.example.org/web"]),
        ("r.io/web: {via: registry, from: 1️⃣host}", ["`from` would bring it"]),
        ("r.io/web: {tar: x.tar, via: 1️⃣registry}", ["`tar` would bring it"]),
        ("r.io/web: {via: registry, build: 1️⃣ctx}", ["`build` would bring it"]),
        ("1️⃣web@sha256:00: {}", ["names a digest", "via: registry"]),
        ("web: {to: d}\n1️⃣web:latest: {to: d}", ["`web:latest` is declared at cluster.yaml:"]),
        ("web: {to: d}\n1️⃣docker.io/library/web: {}", ["`web:latest` is declared at cluster.yaml:"]),
        ("web: {to: [a1, 1️⃣m]}", ["node `m` has no Docker engine"]),
        ("web: {to: [a1, 1️⃣a4]}", ["unknown node `a4`; did you mean"]),
        ("web: {from: 1️⃣m}", ["node `m` has no Docker engine that an image could come from"]),
        ("web: {arch: 1️⃣x86_64}", ["is no architecture", "write `amd64`"]),
        ("web: {arch: 1️⃣arm65}", ["is no architecture", "did you mean `arm64`?"]),
        ("web: {tar: 1️⃣y.tar}", ["there is no file `y.tar`", "relative to cluster.yaml"]),
        ("web: {tar: 1️⃣/no/y.tar}", ["there is no file `/no/y.tar`"]),
        ("web: {build: 1️⃣x.tar}", ["there is no file `x.tar/Dockerfile`"]),
    ]

    @Test(arguments: errors) func isReportedAtItsPlace(images: String, says: [String]) throws {
        // `build` is named by its key, where both are given.
        let marked = MarkedText(ImageSample.cluster(images))
        let reading = ImageSample.read(marked.text, files: ["ctx/Dockerfile", "x.tar"])
        let fault = reading.errors.first { error in says.allSatisfy(error.description.contains) }
        #expect(fault != nil, "\(reading.errors)")
        #expect(fault?.position.line == marked.marks.first?.line)
        #expect(reading.errors.count == 1, "\(reading.errors)")
    }

    @Test(arguments: [
        ("transfer: {parallel: 0}", "must be 1 to 64"), ("transfer: {parallel: 65}", "must be 1 to 64"),
        ("transfer: {bandwidth: 0}", "is no bandwidth"), ("transfer: {bandwidth: -1MB/s}", "is no bandwidth"),
        ("transfer: {bandwidth: fast}", "is no bandwidth"),
    ])
    func howImagesTravelIsChecked(transfer: String, says: String) {
        let reading = ImageSample.read(ImageSample.cluster("web: {to: d}", more: transfer))
        #expect(reading.errors.contains { $0.message.contains(says) && $0.position.column > 1 }, "\(reading.errors)")
    }

    @Test func anImageForAllAgentsNeedsAnEngineOnAllOfThem() {
        let reading = ImageSample.read(ImageSample.cluster("web: {to: agents}"))
        #expect(reading.errors.map(\.message) == ["an image for all agents needs the role `docker` on a3"])
    }

    @Test(arguments: [
        ("web", "web:2", "`images` has `web:latest`; add `web:2`"), ("web:1", "web", "add `web:latest`"),
        ("web", "wep", "did you mean `web`?"), ("web", "other/thing", "write the registry before it"),
    ])
    func anotherTagIsAnotherImage(declared: String, used: String, hint: String) {
        let cluster = ImageSample.cluster("\(declared): {}")
        let reading = ImageSample.read(cluster, [ImageSample.app("/a", used)])
        #expect(reading.errors.map { $0.hint ?? "" }.contains { $0.contains(hint) }, "\(reading.errors)")
        #expect(ImageSample.read(cluster, [ImageSample.app("/a", declared)]).errors == [])
    }

    @Test(arguments: [
        ("web: {}", "[]", "image `web` goes to no node: no app runs it"),
        ("other: {}\nweb: {to: d}", "[]", "image `other` goes to no node: no app runs it"),
        ("web: {}", #"[["rack", "LIKE", "r9"]]"#, "image `web` goes to no node: no agent is allowed for /a"),
    ])
    func whatWouldNotWorkIsWarnedOf(images: String, constraints: String, says: String) {
        let isUsed = !says.contains("no app runs it")
        let apps = isUsed ? [ImageSample.app("/a", "web", constraints)] : []
        let reading = ImageSample.read(ImageSample.cluster(images), apps)
        #expect(reading.errors == [])
        #expect(reading.warnings.map(\.message).contains(says), "\(reading.warnings)")
    }

    @Test(arguments: [
        ("web: {to: a1}", "`/a` may run on a2, where `web` is not brought"),
        ("web: {to: d}", "`/a` may run on a1 and 1 more, where `web` is not brought"),
    ])
    func anAppThatCouldLandWhereItsImageIsNotBroughtIsAnError(images: String, says: String) {
        let reading = ImageSample.read(ImageSample.cluster(images), [ImageSample.app("/a", "web")])
        #expect(reading.errors.map(\.message) == [says])
    }

    @Test func whatIsDeclaredWellIsNotWarnedOf() {
        let apps = [ImageSample.app("/a", "web"), ImageSample.app("/b", "r.io/x@sha256:00")]
        let images =
            "web: {from: d, build: ctx, arch: amd64}\nr.io/x@sha256:00: {via: registry}\nold: {tar: x.tar, to: [d]}"
        let reading = ImageSample.read(ImageSample.cluster(images), apps, files: ["ctx/Dockerfile", "x.tar"])
        #expect(reading.diagnostics == [])
    }

    @Test func imagesForSomebodyElsesAgentsAreWarnedOf() {
        let cluster = """
            version: 1
            cluster: one
            marathon: {endpoint: "http://10.0.0.1:8080"}
            apps: [apps/*]
            images: {web: {}}

            """
        let reading = ImageSample.read(cluster, [ImageSample.app("/a", "web")])
        #expect(reading.diagnostics.map(\.message) == ["`images` is declared, but no node that they could go to"])
    }

    /// An app that could not be read may be the one that runs the image.
    @Test func nothingIsSaidOfImagesWhileAppsCannotBeRead() {
        let reading = ImageSample.read(ImageSample.cluster("web: {}"), ["{\"id\": 3}", "{"])
        #expect(reading.warnings.filter { $0.message.contains("goes to no node") } == [])
    }

    @Test(arguments: [
        ("0.21.1", "1.7.1", true), ("0.21.1", "1.8.0", false), ("0.22.0", "1.8.0", true), ("0.28.3", "0.9", false),
        ("1.3.2", "1.0.0", true), ("1.4.0", "1.7.9", false), ("1.4.0", "1.8.0", true), ("1.11.0", "20.10.24", true),
        ("1.11.0", "5:1.7.0", false),
    ])
    func mesosAndDockerMustUnderstandEachOther(mesos: String, docker: String, isFine: Bool) {
        let pins = "versions: {mesos: \(mesos), docker: '\(docker)'}"
        let reading = ImageSample.read(ImageSample.cluster("web: {to: d}", more: pins))
        let faults = reading.errors.filter { $0.message.contains("does not work with Mesos") }
        #expect(faults.isEmpty == (isFine || docker.contains(":")), "\(reading.errors)")
    }
}
