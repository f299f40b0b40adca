import FoundationEssentials
import Specs
import Testing

@testable import Reconciler

@Suite("The journal's records")
struct JournalRecordTests {
    static let run = JournaledRun(
        cluster: "east",
        file: "cluster.yaml",
        revision: "3f1c2aa",
        command: "reconciler apply",
        user: "ops",
        host: "desk",
        pid: 42,
        steps: 3,
        planDigest: "ab"
    )

    static let records: [JournalRecord] = [
        .began(run),
        .intent(
            JournaledIntent(
                step: 7,
                title: "restart mesos-slave",
                nodes: ["n1"],
                resources: [
                    JournaledIntent.Resource(node: "n1", resource: "service:mesos-slave"),
                    JournaledIntent.Resource(node: nil, resource: "app:/a"),
                ]
            )
        ),
        .act(JournaledAct(number: 1, step: 7, place: "n1", words: ["write /etc/mesos/zk", "restart mesos-slave"])),
        .acted(number: 1, results: ["done", "failed: \"no\"\nat all"]), .outcome(step: 7, .applied),
        .outcome(step: 7, .alreadyInPlace), .outcome(step: 7, .failed("x")), .outcome(step: 7, .conflict("x")),
        .outcome(step: 7, .notReached("x")), .outcome(step: 7, .unknown("x")),
        .ended(.completed, counts: ["applied": 2]),
        .ended(.interrupted(stepFinished: true), counts: [:]), .ended(.interrupted(stepFinished: false), counts: [:]),
        .ended(.leaseLost("x"), counts: [:]), .ended(.assumptionFailed("x"), counts: [:]),
        .ended(.planAgain("x"), counts: [:]), .ended(.journalFailed("x"), counts: [:]),
        .reobserved(Reobserved(run: RunID("r0"), step: 3, finding: .notDone, words: "in the plan again")),
        .other("paused"),
    ]

    @Test("each is read as it was written, on a line of its own")
    func roundTrip() throws {
        var (writer, reader) = (JournalChain(), JournalChain())
        for (index, record) in Self.records.enumerated() {
            let line = try writer.line(record, of: RunID("r1"), at: 1000 + index)
            #expect(line.count { $0 == UInt8(ascii: "\n") } == 1 && line.last == UInt8(ascii: "\n"))
            let reading = try reader.read(line.dropLast())
            let entry = JournalEntry(sequence: index + 1, run: RunID("r1"), at: 1000 + index, record: record)
            #expect(reading == JournalChain.Reading(entry: entry, fault: nil))
        }
        #expect(reader == writer)
    }

    @Test("the form in the file is the documented one")
    func form() throws {
        var chain = JournalChain()
        let first = String(
            decoding: try chain.line(.outcome(step: 2, .failed("no")), of: RunID("r1"), at: 9),
            as: UTF8.self
        )
        let record = #"{"message":"no","outcome":"failed","step":2,"type":"outcome"}"#
        let body = #"{"at":9,"formatVersion":1,"record":\#(record),"run":"r1","sequence":1"#
        let digest = sha256("\n" + body + "}")
        #expect(first == body + #","sha256":"\#(digest)"}"# + "\n")
        let second = String(decoding: try chain.line(.other("x"), of: RunID("r1"), at: 9), as: UTF8.self)
        let rest = #"{"at":9,"formatVersion":1,"record":{"type":"x"},"run":"r1","sequence":2"#
        #expect(second == rest + #","sha256":"\#(sha256(digest + "\n" + rest + "}"))"}"# + "\n")
    }

    @Test("no single byte of a line can be changed unseen")
    func everyByte() throws {
        var chain = JournalChain()
        let first = try chain.line(Self.records[0], of: RunID("r1"), at: 9)
        let second = try chain.line(Self.records[1], of: RunID("r1"), at: 9)
        for index in first.indices.dropLast() {
            var changed = first
            changed[index] ^= 1
            var reader = JournalChain()
            // A changed version of the format is told as that.
            guard let one = try? reader.read(changed.dropLast()), let two = try? reader.read(second.dropLast()) else {
                continue
            }
            #expect(one.fault != nil || two.fault != nil, "byte \(index)")
        }
    }
}
