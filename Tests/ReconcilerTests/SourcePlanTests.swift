import Specs
import Testing

@testable import Reconciler

@Suite struct SourcePlanTests {
    static let list = "/etc/apt/sources.list.d/site.list"
    static let key = "/etc/apt/keyrings/site.asc"

    static func spec(hold: [String] = []) throws -> ClusterSpec {
        let here = SourcePosition(file: "cluster.yaml", line: 40, column: 3)
        func at<Value>(_ value: Value) -> Located<Value> { Located(value, at: here) }
        var spec = Samples.spec(agents: 1)
        spec.other.repositories = [
            RepositorySpec(
                name: at("site"),
                uri: at("https://p.example.org/debian"),
                suite: at("bookworm"),
                components: [at("main")],
                key: at("keys/site.asc"),
                fingerprints: [at(SampleKeys.ed25519)],
                keyring: try SampleKeys.keyring("ed25519")
            )
        ]
        spec.other.hold = hold.map(at)
        return spec
    }

    static func desired(installed: Bool = false, hold: [String] = []) throws -> DesiredCluster {
        Samples.desired(try spec(hold: hold), installed: installed)
    }

    /// Bare nodes whose sources offer neither mesos nor marathon.
    static func withoutOffers(_ desired: DesiredCluster) -> ObservedCluster {
        desired.nodes.reduce(Samples.bare(desired)) { observed, node in
            observed.changing(node.name) { seen in
                for name in ["mesos", "marathon"] where seen.packages[name] != nil { seen.packages[name] = .absent }
            }
        }
    }

    /// Everything as declared, held, and its lists renewed by us.
    static func converged(_ desired: DesiredCluster) -> ObservedCluster {
        desired.nodes.reduce(Samples.converged(desired)) { observed, node in
            observed.changing(node.name) { seen in
                var applied = seen.applied.value ?? [:]
                for repository in node.repositories {
                    applied[repository.resource] = AppliedEntry(
                        resource: repository.resource,
                        digest: repository.digest(in: node),
                        revision: "abc"
                    )
                }
                seen.applied = .found(applied)
            }
        }
    }

    static func actions(of step: Step) -> [NodeAction] {
        guard case .visit(_, let planned) = step.act else { return [] }
        return planned.compactMap { if case .action(let action) = $0 { action } else { nil } }
    }

    @Test("a bare cluster is set up in one plan: sources, then what only they can offer, by pin")
    func bare() throws {
        let desired = try Self.desired()
        let plan = Samples.plan(desired, Self.withoutOffers(desired))
        #expect(plan.blocked == [] && plan.refusals == [])
        for node in desired.nodes {
            let sources = try #require(
                plan.steps.first { $0.nodes == [node.name] && $0.title == "set up repository site" }
            )
            let install = try #require(plan.steps.first { $0.nodes == [node.name] && $0.isInstall })
            #expect(install.needs.contains(sources.id))
            let kinds = Self.actions(of: sources).map { action in
                switch action {
                case .writeFile(let write): write.path
                case .renewSources(let sources, _): "renew \(sources.map(\.name)) \(sources.map(\.uri))"
                case .collect(let job, _): "collect \(job)"
                default: "?"
                }
            }
            // The key first: a source is never there before it can be checked.
            #expect(
                kinds == [Self.key, Self.list, #"renew ["site"] ["https://p.example.org/debian"]"#, "collect sources"]
            )
            #expect(sources.changes.map(\.resource) == ["file:\(Self.key)", "file:\(Self.list)", "repository:site"])
            #expect(sources.changes.first?.summary == "key \(SampleKeys.ed25519)")
            #expect(sources.changes.last?.summary == "https://p.example.org/debian bookworm main")
            #expect(sources.reasons.first?.position?.line == 40 && sources.undo != nil && sources.impact == .none)
            let mesos = Self.actions(of: install).compactMap { action -> [PackageInstall]? in
                if case .installPackages(let packages, _) = action { packages } else { nil }
            }.joined().first { $0.name == "mesos" }
            if node.packages.contains(where: { $0.name == "mesos" }) {
                #expect(mesos == PackageInstall(name: "mesos", pin: "1.11.0"))
                let change = install.changes.first { $0.resource == "package:mesos" }
                #expect(change?.summary == "1.11.0, from the sources set up before, held")
            }
        }
        #expect(
            !plan.steps.contains {
                $0.title.hasPrefix("file") && $0.changes.contains { $0.resource.hasSuffix(Self.list) }
            }
        )
    }

    @Test("what is pinned is held once it is installed, in the same step")
    func holdsWhatItInstalls() throws {
        let desired = try Self.desired()
        let plan = Samples.plan(desired, Self.withoutOffers(desired))
        let install = try #require(plan.steps.first { $0.isInstall && $0.nodes == ["m1"] })
        #expect(Self.actions(of: install).last == .holdPackages(["mesos", "marathon"]))
    }

    @Test("a cluster that is as declared, held and renewed needs nothing")
    func nothing() throws {
        let desired = try Self.desired(installed: true, hold: ["zookeeperd"])
        #expect(Samples.plan(desired, Self.converged(desired)).isEmpty)
    }

    @Test("files that somebody else wrote alike are no reason to renew anything")
    func foreignFiles() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m1") { $0.applied = .absent }
        #expect(Samples.plan(desired, observed).steps == [])
    }

    @Test("a renewal that failed after our files were written is owed")
    func owedRenewal() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m1") { node in
            var applied = node.applied.value ?? [:]
            applied["repository:site"] = nil
            node.applied = .found(applied)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["renew the lists of repository site"])
        #expect(plan.steps.first?.nodes == ["m1"])
    }

    @Test("a package that renewed lists do not offer is blocked and not asked for again and again")
    func renewedAndNotOffered() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("a1") { node in
            node.packages["mesos"] = .absent
            node.services[.mesosAgent] = .absent
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.isInstall })
        let blocked = try #require(plan.blocked.first { $0.title == "install mesos" })
        #expect(blocked.because.contains("nor did the declared repositories when their lists were last renewed"))
    }

    @Test("a version that is offered already is named in full, whatever the new sources may bring")
    func offeredAlready() throws {
        let desired = try Self.desired()
        let plan = Samples.plan(desired, Samples.bare(desired))
        let installs = plan.steps.filter(\.isInstall).flatMap(Self.actions).compactMap { action -> [PackageInstall]? in
            if case .installPackages(let packages, _) = action { packages } else { nil }
        }.joined()
        #expect(installs.contains(PackageInstall(name: "mesos", version: "1.11.0-1")))
        #expect(installs.allSatisfy { $0.pin == nil })
    }

    @Test("a source's file that cannot be read blocks what would come from it")
    func unreadable() throws {
        let desired = try Self.desired()
        let observed = Self.withoutOffers(desired).changing("a1") {
            $0.files[Self.list] = .unknown("permission denied")
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.nodes == ["a1"] && $0.title == "set up repository site" })
        #expect(plan.blocked.contains { $0.node == "a1" && $0.title == "file \(Self.list)" && $0.isByUnknown })
        #expect(plan.blocked.contains { $0.node == "a1" && $0.title == "install mesos" })
    }

    @Test("a pinned package that lost its hold gets it back, as drift where we had held it")
    func lostHold() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m2") { node in
            guard var mesos = node.packages["mesos"]?.value else { return }
            mesos.isHeld = false
            node.packages["mesos"] = .found(mesos)
            var applied = node.applied.value ?? [:]
            applied["package:mesos"] = AppliedEntry(
                resource: "package:mesos",
                digest: NodeDifference.installed(isHeld: true),
                revision: "abc"
            )
            node.applied = .found(applied)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["hold mesos at the installed version"])
        let step = try #require(plan.steps.first)
        #expect(Self.actions(of: step) == [.holdPackages(["mesos"])])
        #expect(step.changes.map(\.cause) == [.drift] && step.changes.map(\.summary) == ["free → held"])
        #expect(step.impact == .none && step.layer == nil)
    }

    @Test("what hold names is held where it is installed, and only there")
    func namedHolds() throws {
        let desired = try Self.desired(installed: true, hold: ["openjdk-17-jre-headless"])
        let observed = desired.nodes.reduce(Self.converged(desired)) { observed, node in
            observed.changing(node.name) { seen in
                seen.packages["openjdk-17-jre-headless"] =
                    node.name == "m1"
                    ? .found(PackageAnswer(name: "openjdk-17-jre-headless", installed: "17")) : .absent
            }
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["hold openjdk-17-jre-headless at the installed version"])
        #expect(plan.steps.first?.nodes == ["m1"] && plan.blocked == [])
    }

    @Test("a hold that nobody declared is no difference")
    func foreignHold() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m1") { node in
            guard var answer = node.packages["zookeeperd"]?.value else { return }
            answer.isHeld = true
            node.packages["zookeeperd"] = .found(answer)
        }
        #expect(Samples.plan(desired, observed).isEmpty)
    }

    @Test("where nothing can be held it is told, and nothing fails")
    func cannotHold() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m1") { node in
            guard var mesos = node.packages["mesos"]?.value else { return }
            (mesos.isHeld, mesos.cannotHold) = (false, "yum has no versionlock here")
            node.packages["mesos"] = .found(mesos)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.notes.contains(Note(node: "m1", "mesos cannot be held: yum has no versionlock here")))
    }

    @Test("a wrong version is not held where it is")
    func wrongVersion() throws {
        let desired = try Self.desired(installed: true)
        let observed = Self.converged(desired).changing("m1") { node in
            node.packages["mesos"] = .found(PackageAnswer(name: "mesos", installed: "1.10.0-1"))
        }
        #expect(!Samples.plan(desired, observed).steps.contains { $0.title.hasPrefix("hold mesos") })
    }

    @Test("a key without armor is compared by its bytes")
    func binaryKey() throws {
        let spec = try Self.spec()
        let platform = Platform(os: "ubuntu-14.04", initSystem: .upstart, packageManager: .apt)
        let node = try #require(DesiredCluster(spec, platforms: ["m1": platform]).nodes.first { $0.name == "m1" })
        let path = "/etc/apt/trusted.gpg.d/site.gpg"
        let file = try #require(node.files.first { $0.path == path })
        let bytes = try SampleKeys.keyring("ed25519").bytes
        func compare(_ digest: String, mode: Int = 0o644) -> FileComparison {
            var observed = Samples.bare(node, in: DesiredCluster(spec, platforms: ["m1": platform]))
            observed.files[path] = .found(
                ObservedFile(path: path, resolvedPath: path, mode: mode, version: .digest(digest), content: nil)
            )
            return FileComparer(node: node, observed: observed, causes: Causes()).compare(file)
        }
        guard case .equal = compare(sha256(bytes: bytes)) else {
            Issue.record("it differs")
            return
        }
        for (digest, mode, summary) in [
            (sha256("other"), 0o644, "another content"), (sha256(bytes: bytes), 0o600, "mode 600 → 644"),
        ] {
            guard case .differs(let difference, _) = compare(digest, mode: mode),
                case .action(.writeFile(let write)) = difference.act
            else {
                Issue.record("no difference")
                return
            }
            #expect(write.encoding == .base64 && write.expected == .digest(digest))
            #expect(difference.change.summary == summary)
            #expect(difference.change.before == nil && difference.change.after == nil)
        }
    }
}
