import FoundationEssentials
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Lab

/// A real journal in real files, of a run whose process is gone at the record of a number.
private final class KillingJournal: RunJournal {
    struct Gone: Hashable, Sendable {
        var at: Int
        /// Whether that record has reached the disk.
        var isWritten: Bool
    }

    private let file: OpenJournal
    private let gone: Gone?
    private let kill: @Sendable () -> Void
    private let written = Mutex(0)

    init(_ journal: FileJournal, _ run: String, gone: Gone? = nil, kill: @escaping @Sendable () -> Void = {}) throws {
        file = try journal.begin(RunID(run))
        (self.gone, self.kill) = (gone, kill)
    }

    var count: Int { written.withLock { $0 } }

    func append(_ record: JournalRecord) throws(JournalError) {
        let number = written.withLock { count in
            count += 1
            return count
        }
        guard let gone, number >= gone.at else { return try file.append(record) }
        if number == gone.at {
            if gone.isWritten { try file.append(record) }
            // The kernel lets go of a killed process's locks.
            file.close()
            kill()
        }
        if number > gone.at || !gone.isWritten { throw JournalError("the process is gone") }
    }

    func close() { file.close() }
}

@Suite("Killed at any record, on the lab", .timeLimit(.minutes(60)))
struct JournalKillTests {
    private static let path = "/etc/mesos-slave/executor_registration_timeout"

    /// A file edited by hand on an agent, and a setting that rolls the ZooKeeper servers.
    private func fixture(_ file: String) async throws -> LabFixture {
        var fixture = try await LabFixture.converged(file)
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let setting = Setting(name: Located("tickTime", at: here), value: Located(Content("3000"), at: here))
        fixture.spec.zookeeper?.config.removeAll { $0.name.value == "tickTime" }
        fixture.spec.zookeeper?.config.append(setting)
        try fixture.inject(.write(path: Self.path, text: "7mins\n", on: "mesos-slave2"))
        return fixture
    }

    @Test(arguments: LabFixture.files)
    func `the next apply finishes, restarts nothing twice, and the journal tells all`(file: String) async throws {
        let place = "/tmp/reconciler-kill-\(UUID().uuidString.lowercased())"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let whole = try await fixture(file)
        let before = whole.access.restarts.count
        let first = try KillingJournal(journal(place, "whole"), "whole")
        _ = try await whole.apply(await whole.plan(), as: "whole", journal: first).get()
        first.close()
        let restarted = whole.access.restarts.dropFirst(before).map { "\($0.service) \($0.node)" }.sorted()
        #expect(first.count == 14 && restarted.count == 3, "\(first.count) records, \(restarted)")
        for record in 1...first.count {
            for isWritten in [false, true] {
                let gone = KillingJournal.Gone(at: record, isWritten: isWritten)
                try await kill(file, gone, journal(place, "\(record)-\(isWritten)"), restarted)
            }
        }
    }

    private func journal(_ place: String, _ name: String) -> FileJournal {
        FileJournal(StateDirectory(cluster: "", override: "\(place)/\(name)", environment: [:])) { 1_700_000_000 }
    }

    private func kill(
        _ file: String,
        _ gone: KillingJournal.Gone,
        _ journal: FileJournal,
        _ restarted: [String]
    ) async throws {
        let fixture = try await fixture(file)
        let before = fixture.access.restarts.count
        let first = try KillingJournal(journal, "first", gone: gone) { fixture.access.kill(RunID("first")) }
        _ = try await fixture.apply(await fixture.plan(), as: "first", journal: first)
        // A server that the killed run had just restarted is away for seconds: until then nothing is done, or known.
        if try await applyAgain(fixture, journal, "at-once", gone, before) == false {
            try await fixture.pass(10)
            #expect(try await applyAgain(fixture, journal, "later", gone, before))
        }
        let last = try await fixture.plan()
        #expect(last.isEmpty, "\(gone): \(last.words)")
        let all = fixture.access.restarts.dropFirst(before).map { "\($0.service) \($0.node)" }.sorted()
        #expect(all == restarted, "\(gone)")
        let end = try journal.read()
        #expect(end.faults == [] && JournalHistory(end).runs.allSatisfy { $0.open.isEmpty }, "\(gone)")
    }

    /// As `apply` does it: a fresh look says what became of the open steps, then the rest is done.
    ///
    /// - Returns: Whether nothing was blocked.
    private func applyAgain(
        _ fixture: LabFixture,
        _ journal: FileJournal,
        _ run: String,
        _ gone: KillingJournal.Gone,
        _ before: Int
    ) async throws -> Bool {
        let plan = try await fixture.plan()
        let reading = try journal.read()
        #expect(reading.faults == [] && reading.underWay == nil, "\(gone): \(reading.faults)")
        let open = JournalHistory(reading).runs.flatMap(\.open).map(\.intent)
        let found = Reobservation.of(JournalHistory(reading), in: plan)
        #expect(found.map(\.found.step) == open.map(\.step), "\(gone)")
        for (one, intent) in zip(found, open) {
            let isDone = try isDone(intent, fixture, before)
            let isTold = one.found.finding == (isDone ? .done : .notDone)
            let isUnknown = one.found.finding == .unknown && !plan.blocked.isEmpty
            #expect(isTold || isUnknown, "\(gone): \(one.words)")
            try journal.append(.reobserved(one.found), of: RunID(run))
        }
        let second = try KillingJournal(journal, run)
        defer { second.close() }
        _ = try await fixture.apply(plan, as: run, journal: second).get()
        return plan.blocked.isEmpty
    }

    /// By the world itself, not by any plan.
    private func isDone(_ intent: JournaledIntent, _ fixture: LabFixture, _ before: Int) throws -> Bool {
        let rolled = fixture.access.restarts.dropFirst(before).map(\.node)
        return try intent.resources.allSatisfy { resource in
            let node = try #require(resource.node)
            if resource.resource.hasPrefix("service:") { return rolled.contains(node) }
            let path = String(resource.resource.dropFirst("file:".count))
            let text = try #require(try fixture.file(path, on: node.text))
            return path == Self.path ? !text.contains("7mins") : text.contains("tickTime=3000")
        }
    }
}
