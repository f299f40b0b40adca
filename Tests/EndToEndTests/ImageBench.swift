import Daemons
import Testing

/// Images beside the testbed's own cluster.yaml, and what engines, wires and directories say about them afterwards.
struct ImageBench {
    static let source = "docker.alibaba.net"

    let bed: TestbedHarness
    let cluster: MesosWitness
    /// Keeps parts apart from other tests' and from what root has at home.
    private let cache: String

    /// `images` are entries of `images:`, `apps` files of the repository's `apps/`, `terms` more sections.
    init(_ bed: TestbedHarness, _ images: String..., apps: [String] = [], terms: String = "") async throws {
        self.bed = bed
        cluster = MesosWitness(bed)
        cache = "\(bed.directory)/cache"
        for entry in ["apps", "images"] { try await Self.copy("\(Self.root)/\(entry)", to: bed.directory) }
        let list = images.map { "  \($0)\n" }.joined()
        let files = apps.isEmpty ? "" : "apps: [\(apps.map { "apps/\($0)" }.joined(separator: ", "))]\n"
        try await bed.editSpec("\nversion: 1\n", "\nversion: 1\nimages:\n\(list)\(files)\(terms)")
        // Chapters may be tried one by one, and the host is booted by nobody else.
        try await bed.bed("image-host", "up")
    }

    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    private static func copy(_ path: String, to directory: String) async throws {
        let copied = try await TestbedHarness.run("/bin/cp", ["-R", path, directory])
        try #require(copied.status == 0, "\(copied)")
    }

    // MARK: The product

    func plan(_ arguments: String...) async throws -> TestbedHarness.Result { try await run("plan", arguments) }

    func apply(_ arguments: String...) async throws -> TestbedHarness.Result {
        try await run("apply", ["--yes"] + arguments)
    }

    private func run(_ command: String, _ arguments: [String]) async throws -> TestbedHarness.Result {
        try await TestbedHarness.run(
            bed.testbed,
            ["operator", "env", "XDG_CACHE_HOME=\(cache)", bed.binary, command, "-f", "\(bed.directory)/cluster.yaml"]
                + ["--ssh-config", bed.sshConfig] + arguments
        )
    }

    /// Applies and fails the test unless everything is done.
    func applyAll() async throws {
        let apply = try await apply()
        try #require(apply.status == 0, "\(apply)")
    }

    func expectNothingToDo() async throws {
        let plan = try await plan("--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains("No changes."), "\(plan)")
    }

    /// An `apply` as programs read it.
    func applyTelling() async throws -> (result: TestbedHarness.Result, events: [JSON]) {
        let result = try await apply("--format", "json-lines")
        return (result, try result.output.split(separator: "\n").map { try JSON(parsing: String($0)) })
    }

    /// The steps of a plan that are about an image, as nodes of each.
    func planned(_ image: String) async throws -> [[String]] {
        let plan = try await plan("--format", "json")
        let steps = try JSON(parsing: plan.output)["steps"]?.array ?? []
        return steps.filter { $0["title"]?.string?.contains(image) == true }
            .map { $0["nodes"]?.array?.compactMap(\.string) ?? [] }
    }

    // MARK: The engines

    /// nil: there is none of that name.
    func id(of image: String, on node: String) async throws -> String? {
        let answer = try await bed.on(node, "docker image inspect --format '{{.Id}}' \(image)")
        return answer.status == 0 ? answer.output.trimmed : nil
    }

    func expectEverywhere(_ image: String, on nodes: [String]) async throws {
        let id = try #require(try await id(of: image, on: Self.source), "\(image) is not even where it comes from")
        for node in nodes { #expect(try await self.id(of: image, on: node) == id, "\(image) on \(node)") }
    }

    /// Names of the agents where a container of this image runs.
    func running(_ image: String) async throws -> [String] {
        var nodes: [String] = []
        for node in TestbedHarness.agents {
            let list = try await bed.on(node, "docker ps -q --filter ancestor=\(image)")
            nodes += list.output.split(separator: "\n").map { _ in node }
        }
        return nodes
    }

    /// What the whole image is as a gzipped archive.
    func packedBytes(_ image: String) async throws -> Int {
        let count = try await bed.on(Self.source, "docker save \(image) | gzip -1 | wc -c")
        return try #require(Int(count.output.trimmed), "\(count)")
    }

    // MARK: The wires and the directories

    /// Bytes over the wire of a node, or of `operator`.
    func traffic(_ node: String) async throws -> (sent: Int, received: Int) {
        let answer = try await TestbedHarness.run(bed.testbed, ["traffic", node])
        let numbers = answer.output.trimmed.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 2, "\(answer)")
        return (numbers[0], numbers[1])
    }

    /// Bytes of parts on a node.
    func stagedBytes(_ node: String) async throws -> Int {
        let sizes = try await bed.on(node, "find /var/lib/reconciler/images -type f -printf '%s\\n' 2>/dev/null")
        return sizes.output.split(separator: "\n").compactMap { Int($0) }.reduce(0, +)
    }

    /// Waits until so much of an image has arrived in a node's directory.
    func waitForBytes(_ bytes: Int, on node: String) async throws {
        try await bed.wait(120, for: "\(bytes) bytes to be on \(node)") { try await stagedBytes(node) >= bytes }
    }

    func expectNothingStaged(on nodes: [String] = TestbedHarness.nodes) async throws {
        for node in nodes {
            let files = try await bed.on(node, "find /var/lib/reconciler/images -type f 2>/dev/null")
            #expect(files.output.isEmpty, "\(node): \(files)")
        }
    }
}

/// What `apply --format json-lines` told.
extension [JSON] {
    /// Messages of the steps that failed.
    var failures: [String] {
        filter { $0["type"]?.string == "stepEnded" && $0["outcome"]?.string == "failed" }
            .map { $0["message"]?.string ?? "" }
    }

    /// Where the step that names `words` began or ended; nil: never.
    func place(of type: String, _ words: String) -> Int? {
        firstIndex { $0["type"]?.string == type && $0["title"]?.string?.contains(words) == true }
    }

    /// Bytes told on the way, in order; of one node.
    func transfers(to node: String) -> [(done: Int, total: Int)] {
        compactMap { event in
            guard event["type"]?.string == "transfer", event["node"]?.string == node,
                let done = event["bytes"]?.int,
                let total = event["totalBytes"]?.int
            else { return nil }
            return (done, total)
        }
    }
}
