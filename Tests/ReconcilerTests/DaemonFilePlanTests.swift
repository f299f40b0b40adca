import Specs
import Testing

@testable import Reconciler

/// What a plan does about Docker's daemon.json.
@Suite struct DaemonFilePlanTests {
    private static let path = "/etc/docker/daemon.json"

    private static func desired() -> DesiredCluster {
        var spec = Samples.spec()
        let place = SourcePosition(file: "cluster.yaml", line: 9, column: 5)
        spec.docker.daemon = [("live-restore", "true"), ("insecure-registries", #"["r.io:5000"]"#)].map {
            Setting(name: Located($0.0, at: place), value: Located(Content($0.1), at: place))
        }
        return Samples.desired(spec)
    }

    private func observed(_ text: Content?) -> ObservedCluster {
        Samples.converged(Self.desired()).changing("a1") { node in
            node.files[Self.path] = text.map { .found(Samples.observedFile(Self.path, $0)) } ?? .absent
        }
    }

    private func plan(_ text: Content?) -> Plan { Samples.plan(Self.desired(), observed(text)) }

    private func change(_ text: Content?) throws -> Change {
        let node = try #require(Self.desired().node("a1"))
        let seen = try #require(observed(text)["a1"])
        let difference = NodeDifference(node, seen, revision: nil)
        return try #require(difference.files.first { $0.file.path == Self.path }?.change)
    }

    @Test func aFileThatSaysTheSameIsLeftAlone() {
        let other = "{\"insecure-registries\": [ \"r.io:5000\" ], \"mtu\": 1400,\n\"live-restore\":true}"
        #expect(plan(Content(other)).steps == [])
        #expect(plan(Content(other)).blocked == [])
    }

    @Test func onlyDeclaredKeysAreWritten() throws {
        let change = try change("{\n    \"mtu\": 1400,\n    \"live-restore\": false\n}\n")
        #expect(
            change.after?.shown
                == "{\n    \"mtu\": 1400,\n    \"live-restore\": true,\n    \"insecure-registries\": [\"r.io:5000\"]\n}\n"
        )
        #expect(change.summary == "live-restore false → true, + insecure-registries=[\"r.io:5000\"]")
    }

    @Test func aNewFileIsWrittenWhole() throws {
        let wanted = "{\n  \"live-restore\": true,\n  \"insecure-registries\": [\"r.io:5000\"]\n}\n"
        #expect(try change(nil).after?.shown == wanted)
    }

    @Test(arguments: [
        ("[]", "it is JSON, and no object"),
        ("{\n  \"debug\": true,\n}\n", "it is no JSON: a key stands in double quotes, line 3"),
    ])
    func aFileThatIsNoObjectBlocks(text: String, says: String) {
        let plan = plan(Content(text))
        #expect(!plan.steps.flatMap(\.changes).contains { $0.resource == "file:\(Self.path)" })
        #expect(plan.blocked.contains { $0.node == "a1" && "\($0)".contains(says) }, "\(plan.blocked)")
    }
}
