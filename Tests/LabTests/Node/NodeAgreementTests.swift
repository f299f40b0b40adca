import Daemons
import Glibc
import Reconciler
import Specs
import Testing

@testable import Lab

/// The simulated node answers as the real node script does, over generated sequences of actions and requests.
@Suite struct NodeAgreementTests {
    static let seeds: [UInt64] = [1, 2, 3]

    @Test(arguments: seeds, [LabPlatform.debian12, .ubuntu14])
    func `generated sequences are answered alike`(_ seed: UInt64, _ platform: LabPlatform) async throws {
        var pair = try NodePair(platform)
        try Scenery.lay(on: &pair)
        var numbers = SeededNumbers(seed, for: platform.rawValue)
        var trail: [String] = []
        for step in 1...24 {
            let drawn = DrawnAction(&numbers)
            trail.append("\(step). \(drawn)")
            let theirs = try await drawn.action(on: nil, real: pair.real)
            let ours = try await drawn.action(on: pair.lab, real: pair.real)
            let said = try await pair.act(theirs, ours)
            #expect(said.real == said.lab, "seed \(seed), \(platform):\n\(trail.joined(separator: "\n"))")
            if let path = drawn.written {
                pair.touch(path, seconds: drawn.isOld ? 1_700_000_000 : 4_000_000_000)
            }
            if step % 4 == 0 {
                for answer in try await pair.ask(Scenery.requests) {
                    #expect(
                        answer.real == answer.lab,
                        "seed \(seed), \(platform), \(answer.request) after:\n\(trail.joined(separator: "\n"))"
                    )
                }
            }
            if said.real != said.lab { return }
        }
    }

    @Test func `packages are answered and installed alike`() async throws {
        var pair = try NodePair(.debian12)
        for (name, versions) in pair.lab.catalogue.offered.sorted(by: { $0.key < $1.key }) {
            try pair.real.remember(versions.map { $0 + "\n" }.joined(), as: "offered/\(name)")
        }
        let mesos = PackageInstall(name: "mesos", version: "1.4.3-2.0.1")
        let jobs: [(String, [PackageInstall])] = [
            ("a", [mesos]), ("b", [mesos]), ("c", [PackageInstall(name: "mesos", version: "0.1")]),
            ("d", [PackageInstall(name: "nosuch")]),
            ("e", [PackageInstall(name: "mesos"), PackageInstall(name: "marathon")]),
        ]
        for (job, packages) in jobs {
            let began = try await pair.act(.installPackages(packages, job: job))
            #expect(began.real == began.lab, "\(job)")
            let again = try await pair.act(.installPackages(packages, job: job))
            #expect(again.real == again.lab, "\(job) again")
            if let ends = pair.lab.jobEnds(job, run: pair.run) { pair.lab.advance(to: ends) }
            let ended = try await pair.act(.collect(job: job, seconds: 20))
            #expect(ended.real == ended.lab, "\(job)'s end")
            for answer in try await pair.ask([.package("mesos"), .package("marathon"), .package("nosuch")]) {
                #expect(answer.real == answer.lab)
            }
        }
        let never = try await pair.act(.collect(job: "never", seconds: 0))
        #expect(never.real == never.lab)
    }

    @Test func `pins are resolved, and packages held, alike`() async throws {
        var pair = try NodePair(.debian12)
        for (name, versions) in pair.lab.catalogue.offered.sorted(by: { $0.key < $1.key }) {
            try pair.real.remember(versions.map { $0 + "\n" }.joined(), as: "offered/\(name)")
        }
        for (job, package) in [
            ("a", PackageInstall(name: "mesos", pin: "1.4")), ("b", PackageInstall(name: "marathon", pin: "1.11.24")),
            ("c", PackageInstall(name: "haproxy", pin: "1.8")), ("d", PackageInstall(name: "nosuch", pin: "1")),
        ] {
            let began = try await pair.act(.installPackages([package], job: job))
            #expect(began.real == began.lab, "\(job)")
            if let ends = pair.lab.jobEnds(job, run: pair.run) { pair.lab.advance(to: ends) }
            let ended = try await pair.act(.collect(job: job, seconds: 20))
            #expect(ended.real == ended.lab, "\(job)'s end")
        }
        for names in [["mesos"], ["mesos", "marathon"], ["mesos", "marathon"], ["haproxy"]] {
            let held = try await pair.act(.holdPackages(names))
            #expect(held.real == held.lab, "\(names)")
            for answer in try await pair.ask([.package("mesos"), .package("marathon")]) {
                #expect(answer.real == answer.lab)
            }
        }
    }

    @Test func `a repository is set up and renewed alike, or fails alike`() async throws {
        var pair = try NodePair(.debian12)
        let (uri, list) = ("http://repos.example.org/debian", "/etc/apt/sources.list.d/site.list")
        pair.lab.repositories = [
            LabRepository(name: "site", uri: uri, keyText: "KEY\n", keyBytes: [], offers: ["mesos"])
        ]
        let write = FileWrite(path: list, content: Content("deb \(uri) bookworm main\n"), expected: .absent)
        let written = try await pair.act(.writeFile(write))
        #expect(written.real == written.lab)
        let words =
            "E: GPG error: \(uri) InRelease: The following signatures couldn't be verified because the public key is "
        try pair.real.remember(words + "not available: NO_PUBKEY\n", as: "complaints")
        func renew(_ job: String, _ pair: inout NodePair) async throws {
            let began = try await pair.act(.renewSources([PackageSource(name: "site", uri: uri)], job: job))
            #expect(began.real == began.lab, "\(job)")
            if let ends = pair.lab.jobEnds(job, run: pair.run) { pair.lab.advance(to: ends) }
            let ended = try await pair.act(.collect(job: job, seconds: 20))
            #expect(ended.real == ended.lab, "\(job)'s end")
        }
        try await renew("a", &pair)
        for answer in try await pair.ask([.package("mesos")]) { #expect(answer.real == answer.lab) }
        let key = FileWrite(path: "/etc/apt/keyrings/site.asc", content: "KEY\n", expected: .absent)
        #expect(try await pair.act(.writeFile(key)).lab.isDone)
        try pair.real.remember("", as: "complaints")
        try pair.real.forget("complaints")
        let versions = pair.lab.catalogue.offered["mesos"] ?? []
        try pair.real.remember((["mesos"] + versions).map { $0 + "\n" }.joined(), as: "later")
        try await renew("b", &pair)
        for answer in try await pair.ask([.package("mesos")]) { #expect(answer.real == answer.lab) }
    }

    @Test func `a file that is no text is written and told alike`() async throws {
        var pair = try NodePair(.debian12)
        let path = "/etc/apt/trusted.gpg.d/site.gpg"
        let write = FileWrite(path: path, content: "/wABgA==", encoding: .base64, expected: .absent)
        for _ in 1...2 {
            let written = try await pair.act(.writeFile(write))
            #expect(written.real == written.lab)
        }
        for answer in try await pair.ask([.file(path: path)]) {
            guard case .file(var real) = answer.real, case .file(var lab) = answer.lab else {
                Issue.record("no file")
                return
            }
            (real.modified, lab.modified) = (0, 0)
            #expect(real == lab)
            #expect(real.content == nil && real.size == 4)
        }
    }
}

/// Files, links and traps that both nodes have at first, and what is asked of them.
enum Scenery {
    static let paths = [
        "/etc/mesos-master/quorum", "/etc/mesos-master/?quiet", "/etc/mesos/zk", "/etc/link", "/etc/dangling",
        "/etc/by-link/ip", "/etc/loop", "/etc/mesos/zk/below", "/data/new/dir/file", "/etc/mesos-master",
        "/etc/relative", "/etc/large", "/etc/mesos-master/../mesos/./zk", "relative", "/etc/two words 'quoted'",
    ]

    static func lay(on pair: inout NodePair) throws {
        try pair.makeDirectory("/etc/mesos-master")
        try pair.makeDirectory("/etc/mesos")
        try pair.put("2\n", at: "/etc/mesos-master/quorum")
        try pair.put("zk://localhost:2181/mesos\n", at: "/etc/mesos/zk")
        try pair.put(String(repeating: "x", count: 70_000), at: "/etc/large")
        let platform = pair.lab.platform
        try pair.put("ID=\(platform.osID)\nVERSION_ID=\"\(platform.osVersion)\"\n", at: "/etc/os-release")
        try pair.put("x /etc/mesos-master /etc/mesos-agent\n/etc/mesos-slave\n", at: "/usr/bin/mesos-init-wrapper")
        try pair.put("behind a link\n", at: "/etc/target")
        try pair.link("/etc/link", to: "/etc/target")
        try pair.link("/etc/relative", to: "mesos/../target")
        try pair.link("/etc/dangling", to: "/nowhere")
        try pair.link("/etc/by-link", to: "mesos-master")
        try pair.link("/etc/loop", to: "/etc/loop")
    }

    static var requests: [FactRequest] {
        paths.map { .file(path: $0) } + [
            .directory(path: "/etc/mesos-master", recursive: false), .directory(path: "/etc", recursive: true),
            .directory(path: "/etc/by-link/", recursive: true), .directory(path: "/etc/mesos/zk", recursive: false),
            .directory(path: "/nowhere", recursive: true), .directory(path: "/var/lib/reconciler", recursive: true),
            .service("alpha"), .service("beta"), .service("none"), .lease, .applied, .platform,
            .resolve(name: "10.1.2.3"),
            .service("-x"), .package("two words"), .flagNames(program: "nosuchprogram"), .dockerEngine,
        ]
    }
}

/// An action as it was drawn, before it is known what either node holds.
struct DrawnAction: CustomStringConvertible {
    enum Expected: CaseIterable { case absent, digest, wrongDigest, stamp, wrongStamp }
    enum Kind {
        case write(FileWrite, Expected)
        case remove(String, Expected, [ServiceName])
        case plain(NodeAction)
        /// The process that runs, or one that does not.
        case restart(ServiceName, right: Bool)
    }

    var kind: Kind
    var isOld: Bool

    static let contents = [
        "", "\n", "3\n", "no newline", "zk://a:2181,b:2181/mesos\n", "  spaces\t\n\n",
        "it's \"quoted\" $(id) `id` \\n %s\n",
        "ä 漢字 🐘\r\n", "\u{1}\u{7f}", String(repeating: "long ", count: 2000),
    ]

    init(_ numbers: inout SeededNumbers) {
        func pick<Value>(_ values: [Value]) -> Value { values[Int(numbers.next() % UInt64(values.count))] }
        isOld = pick([true, true, false])
        let service = pick(NodePair.services + [ServiceName("alpha"), "none"])
        switch numbers.next() % 20 {
        case 0..<8:
            let write = FileWrite(
                path: pick(Scenery.paths),
                content: Content(pick(Self.contents)),
                mode: pick([nil, nil, 0o600, 0o755]),
                owner: pick([nil, nil, nil, nil, nil, "no such user", "nosuch"]),
                expected: .absent,
                readBy: pick([[], NodePair.services, ["alpha"]])
            )
            kind = .write(write, pick(Expected.allCases + [.digest, .digest, .stamp]))
        case 8..<10:
            kind = .remove(pick(Scenery.paths), pick([.digest, .stamp, .absent, .wrongDigest]), NodePair.services)
        case 10..<14:
            kind = .plain(.service(pick([.startUnit(service), .stopUnit(service), .restartUnit(service, pid: nil)])))
        case 14: kind = .restart(service, right: pick([true, false]))
        case 15..<17:
            kind = .plain(
                .service(
                    pick([.maskUnit(service), .unmaskUnit(service), .enableUnit(service), .disableUnit(service)])
                )
            )
        case 17: kind = .plain(.keepRunningCopies(service: service, paths: Array(Scenery.paths.prefix(4))))
        case 18:
            let token = pick(["a", "b"])
            let holder = LeaseHolder(token: token, user: "o'brien", host: "desk\n", pid: 42, command: "apply expires=0")
            kind = .plain(
                .lease(
                    pick([
                        .acquire(holder, seconds: 600), .acquire(holder, seconds: -60),
                        .renew(token: token, seconds: 900), .release(token: token),
                    ])
                )
            )
        default:
            let entry = AppliedEntry(
                resource: pick(["file:/etc/a", "service:b"]),
                digest: "d",
                revision: pick(["-", "r"])
            )
            kind = .plain(.recordApplied([entry, AppliedEntry(resource: "file:/c", digest: "absent", revision: "r")]))
        }
    }

    /// The path of a write, whose time is then set.
    var written: String? {
        if case .write(let write, _) = kind { write.path } else { nil }
    }

    /// `lab` nil: for the real node.
    func action(on lab: LabNode?, real: ScriptedNode) async throws -> NodeAction {
        let isUpstart = lab.map { !$0.platform.usesSystemd } ?? !access("/run/systemd/system", in: real)
        switch kind {
        case .write(var write, let expected):
            write.expected = try await expectation(expected, write.path, lab, real)
            return .writeFile(write)
        case .remove(let path, let expected, let readBy):
            return .removeFile(
                path: path,
                expected: try await expectation(expected, path, lab, real),
                readBy: readBy
            )
        case .plain(.service(let act)) where isUpstart: return .service(Self.underUpstart(act))
        case .plain(let action): return action
        case .restart(let name, let right):
            let answer = try await answer(.service(name), lab, real)
            var pid = 1
            if case .service(let service) = answer, let main = service.pid { pid = main }
            if !right { pid += 1 }
            return .service(isUpstart ? .restartJob(name, pid: pid) : .restartUnit(name, pid: pid))
        }
    }

    private static func underUpstart(_ act: ServiceAct) -> ServiceAct {
        switch act {
        case .startUnit(let name): .startJob(name)
        case .stopUnit(let name): .stopJob(name)
        case .restartUnit(let name, let pid): .restartJob(name, pid: pid)
        case .maskUnit(let name), .disableUnit(let name): .holdJob(name)
        case .unmaskUnit(let name), .enableUnit(let name): .releaseJob(name)
        default: act
        }
    }

    private func access(_ path: String, in real: ScriptedNode) -> Bool { Glibc.access(real.root + path, F_OK) == 0 }

    private func answer(_ request: FactRequest, _ lab: LabNode?, _ real: ScriptedNode) async throws -> FactAnswer? {
        if let lab { return lab.answer(request, at: NodePair.now) }
        return try await real.ask([request]).first
    }

    private func expectation(
        _ expected: Expected,
        _ path: String,
        _ lab: LabNode?,
        _ real: ScriptedNode
    ) async throws -> FileExpectation {
        switch expected {
        case .absent: return .absent
        case .wrongDigest: return .digest(String(repeating: "0", count: 64))
        case .wrongStamp: return .stamp("1:2:3:4:5")
        case .digest, .stamp:
            guard case .file(let file)? = try await answer(.file(path: path), lab, real) else { return .absent }
            return expected == .digest ? .digest(file.digest) : .stamp(file.stamp)
        }
    }

    var description: String {
        switch kind {
        case .write(let write, let expected):
            "write \(write.path) \(write.content.shown.prefix(30).debugDescription) mode \(write.mode ?? 0) owner "
                + "\(write.owner ?? "-") expecting \(expected) for \(write.readBy), then \(isOld ? "old" : "new")"
        case .remove(let path, let expected, _): "remove \(path) expecting \(expected)"
        case .plain(let action): "\(action)"
        case .restart(let name, let right): "restart \(right ? "the" : "another") process of \(name)"
        }
    }
}
