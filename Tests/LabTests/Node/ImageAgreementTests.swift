import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// The simulated node and the real script see the same engine: a `docker` that answers from a table that the engine's model
/// made beforehand.
@Suite struct ImageAgreementTests {
    private struct Answer {
        var arguments: [String]
        var output: String
        var errors = ""
        var status = 0
    }

    /// What `engine` answers to everything the script may ask about it.
    private func table(_ engine: DockerEngine, at now: Moment) -> [Answer] {
        func ids(_ arguments: [String]) -> [String] {
            var engine = engine
            return engine.command(arguments, at: now).standardOutput.split(separator: "\n").map(String.init)
        }
        var seen: Set<String> = []
        let images = ids(["images", "--no-trunc", "-q"]).filter { seen.insert($0).inserted }
        let containers = ids(["ps", "-a", "-q", "--no-trunc"])
        let names = engine.tags.keys.sorted()
        var questions = [
            ["version", "--format", "{{.Server.Version}}"], ["version"], ["info", "--format", "{{json .}}"], ["info"],
            ["images", "--no-trunc"], ["images", "--no-trunc", "-q"],
            ["images", "--no-trunc", "-q", "--filter", "dangling=true"], ["inspect"] + images,
            ["ps", "-a", "-q", "--no-trunc"], ["inspect", "--format", "{{.Image}}"] + containers,
        ]
        questions += (images + names + ["none:latest"]).map { ["inspect", "--format", "{{.Id}}", $0] }
        var answers = questions.map { question in
            var engine = engine
            let answer = engine.command(question, at: now)
            return Answer(
                arguments: question,
                output: answer.standardOutput,
                errors: answer.standardError,
                status: answer.status
            )
        }
        for id in images {
            let names = engine.tags(of: id).joined(separator: " ")
            let question = ["inspect", "--format", "{{range .RepoTags}}{{.}} {{end}}", id]
            answers.append(Answer(arguments: question, output: names.isEmpty ? "\n" : names + " \n"))
        }
        return answers
    }

    private func script(_ answers: [Answer]) -> String {
        func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
        let cases = answers.map { answer in
            "    \(quoted(answer.arguments.joined(separator: " ")))) printf %s \(quoted(answer.output)); "
                + "printf %s \(quoted(answer.errors)) >&2; exit \(answer.status) ;;"
        }
        return "case $* in\n\(cases.joined(separator: "\n"))\nesac\necho \"not in the table: $*\" >&2; exit 99"
    }

    private func pair(_ version: String, isRunning: Bool = true) throws -> NodePair {
        var pair = try NodePair(.debian12)
        var engine = DockerEngine(version: DockerVersion(version), node: "scratch", seed: 1)
        engine.add(declared: "web")
        engine.add(declared: "old:1")
        let used = engine.add(declared: "used")
        let run = DockerRun(image: "used", network: "HOST")
        #expect(engine.run(run, name: "task", at: NodePair.now).status == 0)
        _ = engine.command(["tag", "-f", "web", "used"], at: NodePair.now)
        #expect(engine.images[used] != nil)
        if !isRunning { _ = engine.stopEngine(at: NodePair.now) }
        pair.lab.engine = engine
        pair.lab.dockerProbe = engine.probe()
        try pair.real.program("docker", script(table(engine, at: NodePair.now)))
        return pair
    }

    /// Room is the machine's own.
    private func masked(_ answer: FactAnswer) -> FactAnswer {
        guard case .images(var images) = answer else { return answer }
        images.freeBytes = images.freeBytes.map { _ in 0 }
        images.table = String(images.table.split(separator: " ").joined(separator: " "))
        return .images(images)
    }

    @Test(arguments: ["1.4.1", "1.6.2", "1.12.6", "1.13.1", "20.10.24+dfsg1"], [true, false])
    func `an engine and its images are seen alike, and one that is down too`(
        version: String,
        isRunning: Bool
    ) async throws {
        let pair = try pair(version, isRunning: isRunning)
        for answer in try await pair.ask([.images]) {
            #expect(masked(answer.real) == masked(answer.lab))
            guard case .images = answer.lab else {
                #expect(!isRunning, "\(answer.lab)")
                continue
            }
            #expect(isRunning)
        }
    }

    @Test func `no Docker and the hierarchies of the kernel are seen alike`() async throws {
        var pair = try NodePair(.debian12)
        pair.lab.hasCPUHierarchy = true
        let controllers =
            "blkio cpu cpuacct cpuset devices freezer hugetlb memory misc net_cls net_prio perf_event pids rdma"
        let mounts = controllers.split(separator: " ").map {
            "cgroup /sys/fs/cgroup/\($0) cgroup rw,nosuid,\($0) 0 0\n"
        }
        try pair.real.put(mounts.joined() + "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n", at: "/proc/mounts")
        for answer in try await pair.ask([.controlGroups]) { #expect(answer.real == answer.lab) }
    }

    @Test func `parts are staged and removed, names and images refused alike`() async throws {
        var pair = try pair("20.10.24+dfsg1")
        let engine = try #require(pair.lab.engine)
        let (web, used) = (try #require(engine.imageID("web")), try #require(engine.containers.first?.imageID))
        let load = ImageLoad(
            parts: [DockerDigest.hex("part")],
            id: "sha256:" + DockerDigest.hex("other"),
            reference: "none:latest",
            layers: []
        )
        let acts: [NodeAction] = [
            .image(.clear), .image(.load(load, job: "a")), .collect(job: "a", seconds: 10),
            .image(.stage(bytes: 1, unpacked: 1)), .image(.stage(bytes: 1, unpacked: 1)), .image(.load(load, job: "b")),
            .collect(job: "b", seconds: 10), .image(.clear), .image(.clear),
            .image(.tag(id: web, reference: "web:latest")), .image(.remove(id: web)), .image(.remove(id: used)),
            .image(.tag(id: "nonsense", reference: "web")), .image(.tag(id: web, reference: "-x")),
            .image(.load(ImageLoad(parts: [], id: web, reference: "web", layers: []), job: "c")),
            .image(.load(ImageLoad(parts: ["short"], id: web, reference: "web", layers: []), job: "c")),
        ]
        for act in acts {
            if case .collect(let job, _) = act, let ends = pair.lab.jobEnds(job, run: pair.run) {
                pair.lab.advance(to: ends)
            }
            let said = try await pair.act(act)
            #expect(said.real == said.lab, "\(act)")
        }
    }
}
