import FoundationEssentials
import Lab
import Reconciler
import Rendering
import Specs
import Testing

@testable import Command

/// Commands over a grown cluster that is kept in a directory.
private struct PlanLab: Sendable {
    let cluster: LoopLab

    init(_ more: String = "") async throws {
        cluster = try await LoopLab.grown(more)
        try Lab.create(try cluster.lab.read { $0 }, in: cluster.directory + "/lab")
    }

    var plan: String { cluster.directory + "/plan.json" }

    func callAsFunction(
        _ arguments: String...,
        variables: [String: String] = [:]
    ) async -> (status: Int32, said: String) {
        let known = ["RECONCILER_LAB": cluster.directory + "/lab", "HOME": cluster.directory]
        let command = HeardCommand(environment: known.merging(variables) { $1 })
        let heard = await command.run(arguments + ["--file", cluster.directory + "/cluster.yaml", "--quiet"])
        return (heard.status, heard.output + heard.log)
    }

    func write(_ text: String, to file: String) throws {
        try text.write(toFile: "\(cluster.directory)/\(file)", atomically: true, encoding: .utf8)
    }

    func declare(replacing old: String, with new: String) throws {
        let path = cluster.directory + "/cluster.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        try write(text.replacing(old, with: new), to: "cluster.yaml")
    }

    func edit(_ path: String, _ text: String, on node: NodeName) throws {
        try Lab(directory: cluster.directory + "/lab").change { world throws(LabError) in
            try world.inject(.write(path: path, text: text, on: node))
        }
    }

    /// The saved plan with `change` made to it, and a seal that fits.
    func resealed(_ change: (inout SavedPlan) -> Void) throws -> String {
        var saved = try SavedPlanDocument.read(try String(contentsOfFile: plan, encoding: .utf8))
        change(&saved)
        return SavedPlanDocument.text(saved)
    }
}

@Suite("A saved plan on a whole simulated cluster")
struct SavedPlanCommandTests {
    private static let timeout = "/etc/mesos-slave/executor_registration_timeout"

    @Test("is refused where a file it relies on was edited, and applied where another node was")
    func refusesWhatMoved() async throws {
        let lab = try await PlanLab()
        defer { lab.cluster.end() }
        try lab.edit(Self.timeout, "1mins\n", on: "mesos-slave1")
        #expect(await lab("plan", "--lab", "--out", lab.plan).status == 0)
        try lab.edit(Self.timeout, "7mins\n", on: "mesos-slave1")
        let refused = await lab("apply", lab.plan, "--lab", "--yes")
        #expect(refused.status == 3)
        let parts = [
            "mesos-slave1: file \(Self.timeout)", "content sha256:\(sha256("1mins\n")) → sha256:\(sha256("7mins\n"))",
            "make it again: plan --out",
        ]
        for part in parts { #expect(refused.said.contains(part), "\(refused.said)") }
        try lab.edit(Self.timeout, "1mins\n", on: "mesos-slave1")
        try lab.edit(Self.timeout, "9mins\n", on: "mesos-slave2")
        let applied = await lab("apply", lab.plan, "--lab", "--yes")
        #expect(applied.status == 0, "\(applied.said)")
        let left = await lab("plan", "--lab")
        #expect(
            left.said.contains("mesos-slave2") && !left.said.contains("mesos-slave1: \(Self.timeout)"),
            "\(left.said)"
        )
        // Once more: everything is so already.
        let again = await lab("apply", lab.plan, "--lab", "--yes")
        #expect(again.status == 0, "\(again.said)")
    }

    @Test("is refused with another cluster, version, edit or half of it, and told apart from what is no plan")
    func refusesOtherPlans() async throws {
        let lab = try await PlanLab()
        defer { lab.cluster.end() }
        try lab.edit(Self.timeout, "1mins\n", on: "mesos-slave1")
        #expect(await lab("plan", "--lab", "--out", lab.plan).status == 0)
        let whole = try String(contentsOfFile: lab.plan, encoding: .utf8)
        let cases: [(text: String, status: Int32, words: String)] = [
            (whole.replacing("mesos-slave1", with: "mesos-slave2"), 3, "plan.json"),
            (String(whole.prefix(whole.count / 2)), 1, "plan.json"), ("", 1, "plan.json"), ("{}", 1, "plan.json"),
            (try lab.resealed { $0.tool = "0.0.9" }, 3, "version 0.0.9 → \(reconcilerVersion)"),
            (try lab.resealed { $0.plan.cluster = "east" }, 3, "the cluster: east → testbed"),
            (try lab.resealed { $0.inputs["cluster.yaml"] = sha256("x") }, 3, "cluster.yaml: sha256:"),
        ]
        for (text, status, words) in cases {
            try lab.write(text, to: "plan.json")
            let result = await lab("apply", lab.plan, "--lab", "--yes")
            #expect(result.status == status && result.said.contains(words), "\(text.prefix(40)) \(result)")
        }
        // Nothing of it was done.
        let left = await lab("plan", "--lab")
        #expect(left.said.contains("mesos-slave1: \(Self.timeout)"), "\(left.said)")
    }

    @Test("is refused where a file that cluster.yaml takes as it is was changed since, and names it")
    func refusesOtherSources() async throws {
        let lab = try await PlanLab()
        defer { lab.cluster.end() }
        let files = lab.cluster.directory + "/files"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        try lab.write("one\n", to: "files/motd")
        try lab.declare(
            replacing: "apps: hello.json\n",
            with: "apps: hello.json\nfiles: {/etc/motd: {source: files/motd}}\n"
        )
        #expect(await lab("plan", "--lab", "--out", lab.plan).status == 0)
        try lab.write("another\n", to: "files/motd")
        let refused = await lab("apply", lab.plan, "--lab", "--yes")
        #expect(refused.status == 3)
        let words = "files/motd: sha256:\(sha256("one\n").prefix(12)) → sha256:\(sha256("another\n").prefix(12))"
        #expect(refused.said.contains(words), "\(refused.said)")
        try lab.write("one\n", to: "files/motd")
        #expect(await lab("apply", lab.plan, "--lab", "--yes").status == 0)
    }

    @Test("without the values of secrets: a saved look is planned on as where they are known")
    func plansWithoutSecrets() async throws {
        let lab = try await PlanLab("files:\n  /etc/site/token: {content: \"${file:token} ${env:MORE}\\n\"}\n")
        defer { lab.cluster.end() }
        try lab.write("t0ken-of-the-site\n", to: "token")
        let variables = ["MORE": "more-of-it"]
        #expect(await lab("apply", "--lab", "--yes", variables: variables).status == 0)
        let look = lab.cluster.directory + "/look.json"
        #expect(await lab("observe", "--lab", "--snapshot", look, variables: variables).status == 0)
        // As on a machine that has the repository and nothing else.
        try FileManager.default.removeItem(atPath: lab.cluster.directory + "/token")
        #expect(await lab("plan", "--lab").status == 1)
        let planned = await lab("plan", "--observed", look, "--detailed-exitcode")
        #expect(planned.status == 0 && planned.said.contains("whether a value changed"), "\(planned)")
        // What differs is told all the same.
        try lab.declare(replacing: "${env:MORE}", with: "${env:OTHER}")
        let changed = await lab("plan", "--observed", look, "--detailed-exitcode", "-v")
        #expect(changed.status == 2 && changed.said.contains("/etc/site/token"), "\(changed)")
        #expect(!changed.said.contains("t0ken") && !changed.said.contains("more-of-it"), "\(changed)")
    }
}
