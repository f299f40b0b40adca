import Daemons
import FoundationEssentials
import Lab
import Reconciler
import Specs
import Testing

@testable import Command

@Suite("No secret anywhere")
struct NoSecretTests {
    typealias Run = PlantedCluster.Result

    private static let search = LeakSearch(mark: PlantedCluster.secretMark, values: PlantedCluster.secrets)
    private static let control = LeakSearch(mark: PlantedCluster.publicMark, values: [])

    private func leaks(_ runs: [Run]) -> [String] {
        runs.flatMap { run in
            Self.search.leaks(in: run.output, of: "output of \(run.command)")
                + Self.search.leaks(in: run.log, of: "log of \(run.command)")
        }
    }

    private func expectNone(_ leaks: [String], _ words: String = "", at place: SourceLocation = #_sourceLocation) {
        // Each place once, whatever its line looks like around it.
        let shown = Set(leaks.map { $0.replacing("\n", with: " ") }).sorted().prefix(60).joined(separator: "\n")
        #expect(leaks.isEmpty, "\(words)\(leaks.count) leaks:\n\(shown)", sourceLocation: place)
    }

    // MARK: The search itself

    @Test("is looked for by what finds a value in every form, and nothing where there is none")
    func findsEveryForm() {
        let value = PlantedCluster.secret("form")
        let encoded = ["", "a", "ab"].map { PlantedCluster.base64("\($0)\(value)-and more") }
        let forms =
            encoded + [
                value, "pw=\(value.dropLast(4))", "…\(value.dropFirst(3))", value.replacing("-", with: "%2D"),
                value.utf8.map { "%\(String($0, radix: 16, uppercase: true))" }.joined(),
                value.unicodeScalars.map { "\\u00\(String($0.value, radix: 16))" }.joined(),
                value.utf8.map { String($0, radix: 16) }.joined(),
            ]
        let search = LeakSearch(mark: PlantedCluster.secretMark, values: [value])
        for form in forms { #expect(!search.leaks(in: "before \(form) after", of: "x").isEmpty, "\(form)") }
        for digest in [sha256(value), sha256(value + "\n")] {
            #expect(!search.leaks(in: "sha256:\(digest)", of: "x").isEmpty)
        }
        #expect(search.leaks(in: PlantedCluster.open("form") + sha256("x"), of: "x").isEmpty)
    }

    // MARK: The cluster's life

    @Test(
        "while a cluster is made, observed, edited by hand, planned in every format, and healed",
        .timeLimit(.minutes(20))
    )
    func wholeStory() async throws {
        let cluster = try PlantedCluster()
        defer { cluster.end() }
        var runs = [await cluster("validate"), await cluster("validate", "--format", "json")]
        runs += await everyLook(cluster)
        _ = await cluster("lab", "load", "feuyeux/nginx")
        for _ in 1...3 {
            runs.append(await cluster("apply", "--lab", "--yes", "-v"))
            runs.append(await cluster("apply", "--lab", "--yes", "-v", "--format", "json-lines"))
        }
        let rest = await cluster("plan", "--lab", "--detailed-exitcode", "-v")
        #expect(rest.status == 0, "\(rest.output.suffix(3000))\(rest.log)")
        runs += [rest] + (await everyLook(cluster))
        try expectOnlyTheirOwnPlaces(cluster)

        try cluster.edit(PlantedCluster.handEdits)
        try cluster.editApp()
        runs += await everyLook(cluster)
        runs += await everyWatch(cluster)
        runs.append(await cluster("apply", "--lab", "--yes", "-v"))
        runs += await everyRecord(cluster)
        // Nobody prunes them, and with the one the agent does not start.
        try cluster.edit([
            .delete(path: "/etc/mesos-slave/http_credentials", on: "mesos-slave1"),
            .delete(path: "/etc/mesos-slave/hadoop_home", on: "mesos-slave1"),
        ])
        let mended = await cluster("apply", "--lab", "--yes")
        #expect(mended.status == 0, "\(mended.output.suffix(2500))\(mended.log.suffix(500))")
        let healed = await cluster("plan", "--lab", "-v", "--detailed-exitcode")
        #expect(healed.status == 0, "\(healed.output.suffix(2500))")
        runs.append(healed)
        runs += try await everyFailure(cluster)
        expectNone(leaks(runs))
        try expectNothingKept(cluster)
        try expectOnlyTheirOwnPlaces(cluster)
        // The same search sees what may be seen, in every kind of output: they are no empty words.
        for kind in [
            "plan --lab -v", "plan --lab --format json", "plan --lab --format markdown", "observe --lab --format json",
            "plan --observed", "drift --lab --format text", "drift --lab --format json", "apply --lab --yes -v",
        ] {
            let shown = runs.filter { $0.command.hasPrefix(kind) }.contains {
                !Self.control.leaks(in: $0.output, of: "").isEmpty
            }
            #expect(shown, "\(kind) shows no public value either")
        }
        for file in try cluster.ownFiles("kept") {
            #expect(!Self.control.leaks(in: file.bytes, of: "").isEmpty, "\(file.path) has no public value either")
        }
    }

    /// Everything that only looks, in every format.
    private func everyLook(_ cluster: PlantedCluster) async -> [Run] {
        var runs: [Run] = []
        for options in [
            [], ["-v"], ["--format", "json"], ["--format", "markdown"], ["--out", cluster.directory + "/kept/plan"],
        ] {
            runs.append(await cluster.run(["plan", "--lab"] + options))
        }
        for options in [["-v"], ["--format", "json", "--out", cluster.directory + "/kept/look"]] {
            runs.append(await cluster.run(["observe", "--lab"] + options))
        }
        runs.append(await cluster("observe", "--lab", "--snapshot", cluster.directory + "/kept/snapshot"))
        for options in [["-v"], ["--format", "json"], ["--format", "markdown"]] {
            runs.append(await cluster.run(["plan", "--observed", cluster.directory + "/kept/snapshot"] + options))
        }
        for format in ["text", "json"] { runs.append(await cluster("drift", "--lab", "--format", format)) }
        return runs
    }

    private func everyWatch(_ cluster: PlantedCluster) async -> [Run] {
        var runs: [Run] = []
        for options in [["--format", "json-lines"], [], ["--correct", "-v"]] {
            runs.append(await cluster.run(["watch", "--lab", "--once"] + options))
        }
        return runs
    }

    private func everyRecord(_ cluster: PlantedCluster) async -> [Run] {
        var runs: [Run] = []
        for format in ["text", "json"] {
            runs.append(await cluster("history", "--lab", "--format", format))
            runs.append(await cluster("lock", "status", "--lab", "--format", format))
        }
        let names = runs.compactMap { run in
            run.output.split(whereSeparator: { !($0.isHexDigit || $0 == "-") }).first { $0.count >= 36 }.map(
                String.init
            )
        }
        for name in Set(names) { runs.append(await cluster("history", "--lab", "-v", name)) }
        return runs
    }

    // MARK: What goes wrong

    /// Steps that fail in the words of whoever was given a secret.
    private func everyFailure(_ cluster: PlantedCluster) async throws -> [Run] {
        try cluster.write(PlantedCluster.shop.replacing("\"mem\": 16", with: "\"mem\": 17"), to: "apps/shop.json")
        let refused = await cluster.run(["apply", "--lab", "--yes", "-v"], wiring: cluster.echoing)
        #expect(
            refused.status == 1 && refused.output.contains("you sent"),
            "\(refused.output.suffix(2000))\(refused.log)"
        )
        // Masters do not start with it, and say so.
        try cluster.write("\(PlantedCluster.secret("broken-login"))\n", to: "secrets/master")
        let broken = await cluster("apply", "--lab", "--yes", "-v")
        #expect(broken.status == 1, "\(broken.output.suffix(2000))")
        return [refused, broken] + (await everyRecord(cluster)) + [await cluster("plan", "--lab", "-v")]
    }

    @Test(
        "of a declaration with a fault, whatever stands in the faulty line",
        arguments: [
            (
                "  httpCredentials: \"ops:${env:MESOS_PASSWORD}\"",
                "  httpCredentials: \(PlantedCluster.secret("no-colon"))"
            ),
            (
                "  httpCredentials: \"ops:${env:MARATHON_PASSWORD}\"",
                "  httpCredentials: [\(PlantedCluster.secret("list"))]"
            ),
            (
                "  httpCredentials: \"ops:${env:MARATHON_PASSWORD}\"",
                "  httpCredentials: \"ops:\(PlantedCluster.secret("open"))"
            ),
            (
                "  httpCredentials: \"ops:${env:MARATHON_PASSWORD}\"",
                "  httpPassword: \(PlantedCluster.secret("unknown"))"
            ),
            ("  zk: /marathon", "  zk: zk://u:\(PlantedCluster.secret("zk"))@10.16.40.1:2181/marathon"),
            (
                "  zk: /marathon",
                "  zk: /marathon\n  endpoint: ftp://u:\(PlantedCluster.secret("endpoint"))@h.example.org"
            ),
            (
                "http://repo.example.org/debian",
                "https://u:\(PlantedCluster.secret("repository"))@repo.example.org/debian"
            ),
            ("http://repo.example.org/debian", "ftp://u:\(PlantedCluster.secret("scheme"))@repo.example.org/debian"),
            (
                "https://hooks.example.org/${env:HOOK}",
                "https://hooks.example.org/${env:HOOK}\", token: \(PlantedCluster.secret("hook-token"))"
            ),
            (
                "ssl_keystore_password: \"${env:KEYSTORE}\"",
                "ssl_keystore_password: {a: \(PlantedCluster.secret("mapping"))}"
            ),
            ("ssl_keystore_password: \"${env:KEYSTORE}\"", "ssl_keystore_password: \"\(PlantedCluster.secret("cut"))"),
        ]
    )
    func faultyDeclarations(old: String, new: String) async throws {
        let cluster = try PlantedCluster()
        defer { cluster.end() }
        try #require(PlantedCluster.declaration.contains(old))
        try cluster.write(PlantedCluster.declaration.replacing(old, with: new), to: "cluster.yaml")
        var runs: [Run] = []
        for options in [
            ["validate"], ["validate", "--format", "json"], ["plan", "--lab"], ["plan", "--lab", "--format", "json"],
        ] {
            runs.append(await cluster.run(options))
        }
        #expect(runs.allSatisfy { $0.status == 1 }, "\(runs)")
        expectNone(leaks(runs))
    }

    @Test(
        "of an app's file with a fault",
        arguments: [
            (#""${env:DB}""#, "[\"\(PlantedCluster.secret("list"))\"]"),
            (#""${env:DB}""#, "\"\(PlantedCluster.secret("open"))"),
            (#""${env:DB}""#, "\"\(PlantedCluster.secret("twice"))\", \"DB_PASSWORD\": \"x\""),
            (#"{"uri": "https://h.example.org"#, #"{"url": "https://u:\#(PlantedCluster.secret("url"))@h.example.org"#),
        ]
    )
    func faultyApps(old: String, new: String) async throws {
        let cluster = try PlantedCluster()
        defer { cluster.end() }
        try #require(PlantedCluster.shop.contains(old))
        try cluster.write(PlantedCluster.shop.replacing(old, with: new), to: "apps/shop.json")
        let runs = [
            await cluster("validate"), await cluster("validate", "--format", "json"), await cluster("plan", "--lab"),
        ]
        #expect(runs.allSatisfy { $0.status == 1 }, "\(runs)")
        expectNone(leaks(runs))
    }

    @Test("of secrets that are missing or that their place cannot hold, and of a repository that does not answer")
    func unusableSecrets() async throws {
        let cluster = try PlantedCluster()
        defer { cluster.end() }
        let blank = PlantedCluster.secret("with blanks")
        var runs = [
            await cluster("plan", "--lab", variables: ["STATS": "\(blank) and \"quotes\""]),
            await cluster("plan", "--lab", variables: ["MARATHON_PASSWORD": "\(blank)\\\""]),
            await cluster("plan", "--lab", variables: ["DB": ""]),
        ]
        try FileManager.default.removeItem(atPath: cluster.directory + "/secrets/site")
        runs.append(await cluster("plan", "--lab"))
        let url = "http://u:\(PlantedCluster.secret("git"))@127.0.0.1:9/declared.git"
        runs.append(await cluster("watch", "--lab", "--once", "--git", url, "--file", "cluster.yaml"))
        #expect(runs.allSatisfy { $0.status == 1 && !$0.log.isEmpty }, "\(runs)")
        expectNone(leaks(runs))
        let files = try cluster.ownFiles("state")
        #expect(!files.isEmpty)
        expectNone(files.flatMap { Self.search.leaks(in: $0.bytes, of: $0.path) })
    }

    // MARK: What is kept

    /// What cluster.yaml and the apps' files have in clear is what a saved plan writes and what a look is compared by; both are for
    /// their owner only.
    private static let holdingWhatIsInClear = ["kept/plan", "kept/snapshot"]

    /// State directory and everything that commands were told to write.
    private func expectNothingKept(_ cluster: PlantedCluster) throws {
        for place in ["lab/state", "kept"] {
            let files = try cluster.ownFiles(place)
            #expect(!files.isEmpty, "\(place)")
            expectNone(
                files.flatMap { file in
                    let isAllowed = Self.holdingWhatIsInClear.contains(file.path)
                    let bytes = isAllowed ? PlantedCluster.withoutClear(file.bytes) : file.bytes
                    return Self.search.leaks(in: bytes, of: file.path)
                }
            )
        }
        for name in Self.holdingWhatIsInClear + ["kept/look"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(cluster.directory)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    /// Files of the nodes that hold a secret on purpose, and why; every other file holds none.
    private static let own: [(path: String, reason: String)] = [
        ("/etc/mesos/", "declared credentials, and what somebody wrote there"),
        ("/etc/mesos-slave/", "flags, as their daemon reads them"),
        ("/etc/default/", "variables of daemons"), ("/etc/zookeeper/", "zoo.cfg"),
        ("/etc/site/", "the site's own files"),
        ("/etc/docker/daemon.json", "the engine reads it"),
        ("/etc/haproxy", "statistics' login, and the bridge's for Marathon"),
        ("/etc/apt/sources.list.d/", "somebody wrote it there"),
        ("/var/lib/mesos/", "Mesos' own state has its tasks whole, as Marathon launched them"),
        (
            "/var/lib/haproxy-marathon-bridge/haproxy.cfg.good",
            "the last good haproxy.cfg, for the bridge to go back to"
        ),
        ("/var/lib/reconciler/backup/", "what was replaced, as it was and with its rights"),
        ("/var/lib/reconciler/running/", "what a process reads at its start, to tell whether it was edited since"),
    ]

    private func expectOnlyTheirOwnPlaces(_ cluster: PlantedCluster) throws {
        let files = try cluster.nodeFiles()
        let others = files.filter { file in !Self.own.contains { file.path.hasPrefix($0.path) } }
        #expect(others.contains { $0.path.hasPrefix("/var/lib/reconciler/") }, "\(others.map(\.path).prefix(50))")
        expectNone(others.flatMap { Self.search.leaks(in: $0.text, of: "\($0.node): \($0.path)") })
        for file in files where file.isOpen && file.path.hasPrefix("/var/lib/reconciler/") {
            expectNone(Self.search.leaks(in: file.text, of: "\(file.node): \(file.path) for everybody"))
        }
    }
}
