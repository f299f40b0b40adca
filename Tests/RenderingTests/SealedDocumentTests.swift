import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite("Documents that are read back")
struct SealedDocumentTests {
    static let snapshot = ClusterSnapshot(
        tool: "1.0",
        cluster: "east",
        observedAt: 1_700_000_000,
        observed: ObservedCluster(nodes: [
            "n1": .answered(
                ObservedNode(
                    name: "n1",
                    platform: .found(Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)),
                    files: ["/etc/x": .unknown("\"seal\" : \"sha256:0000\""), "/etc/y": .absent],
                    zooKeeper: .found(ZooKeeperServer(mode: .leader, zxid: .max, members: [1: "a", 2: "b"]))
                )
            ),
            "n2": .silent(NodeAccessError(.timedOut, "timed out")),
        ])
    )

    @Test("come back as they were")
    func roundTrip() throws {
        let snapshot = Self.snapshot
        #expect(try ClusterSnapshot.read(snapshot.text) == snapshot)
    }

    @Test("of a plan come back with every step, for every kind of plan")
    func plansComeBack() throws {
        let plans = [
            SamplePlans.agentTimeout, SamplePlans.rollingZooKeeper, SamplePlans.refused, SamplePlans.bootstrap,
            SamplePlans.inSync,
        ]
        for plan in plans {
            let saved = SavedPlan(
                plan,
                desired: DesiredCluster(name: plan.cluster, nodes: [], leaseHolders: []),
                observed: Self.snapshot.observed,
                inputs: ["cluster.yaml": "aa"],
                tool: "1.0",
                at: 12
            )
            #expect(try SavedPlanDocument.read(SavedPlanDocument.text(saved)) == saved)
        }
    }

    @Test("are refused after any edit", arguments: ["east", "n1", "debian-12", "/etc/y", "1700000000", "1.0"])
    func edits(part: String) throws {
        let text = Self.snapshot.text
        let edited = text.replacing(part, with: part + "1", maxReplacements: 1)
        #expect(edited != text)
        #expect { try ClusterSnapshot.read(edited) } throws: { ($0 as? SealedDocumentError)?.isRefusal == true }
    }

    @Test("say what else they are")
    func otherKinds() {
        let text = Self.snapshot.text
        #expect { try SavedPlanDocument.read(text) } throws: {
            "\($0)".contains("this is a snapshot, not a saved-plan")
        }
        #expect { try ClusterSnapshot.read("") } throws: { ($0 as? SealedDocumentError)?.isRefusal == false }
        #expect { try ClusterSnapshot.read(String(text.dropLast(40))) } throws: { $0 is SealedDocumentError }
        let later = text.replacing("\"formatVersion\" : 1", with: "\"formatVersion\" : 2")
        #expect { try ClusterSnapshot.read(later) } throws: { "\($0)".contains("format 2") }
    }
}
