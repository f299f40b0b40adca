import FoundationEssentials
import Glibc
import Lab
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Command

/// Days of hand edits and faults: nothing that drifted is missed, nothing is done outside the limits, and the loop does not
/// grow.
///
/// Half a day of one seed by itself, every fault once; `make soak` goes on for weeks of three (`DAYS`, `SEED` for one seed).
@Suite("The loop over days of trouble")
struct LoopSoakTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// 0: as long as it takes until every fault was there.
    private static let days = environment["DAYS"].flatMap { Int($0) } ?? 0
    private static let seeds: [UInt64] =
        environment["SEED"].flatMap { UInt64($0) }.map { [$0] } ?? (environment["DAYS"] == nil ? [1] : [1, 2, 3])

    @Test("misses nothing, keeps to its limits and does not grow", arguments: seeds)
    func endures(seed: UInt64) async throws {
        let cluster = try await LoopLab.grown(SoakLab.declaration)
        defer { cluster.end() }
        // The lab begins on a Monday at nine; for the loop's machine it is Sunday evening, three hours before a window.
        let soak = SoakLab(cluster, zone: 6 * 86_400 + 10 * 3600 + Int(seed - 1) * 50_000)
        try await soak.live { soak in
            let began = ContinuousClock.now
            var torment = try SoakTorment(soak, seed: seed, calm: Self.days > 0 ? 1200 : 120)
            try await torment.begin()
            var memory = SoakMemory(soak, from: try soak.now())
            let end = try soak.now() + Self.days * 86_400
            // Every fault comes once before one comes again.
            while try soak.now() < end || torment.count < SoakFault.allCases.count {
                try await torment.next()
                if try memory.sample(at: soak.now()), Self.days > 1 { print("seed \(seed): \(memory.words)") }
            }
            try torment.expectEnough(days: max(Self.days, 1))
            memory.expectFlat()
            print(
                "seed \(seed): \(torment.words), \(soak.rounds) rounds, \(soak.failedRounds) failed, \(soak.starts) starts"
            )
            print("seed \(seed): \(memory.words); \(began.duration(to: .now).components.seconds) s")
        }
        #expect(soak.complaints.isEmpty, "\(soak.complaints)")
        try expectSmall(cluster.store)
    }

    private func expectSmall(_ store: LoopStore) throws {
        let kept = try #require(try store.kept())
        let size = try Data(contentsOf: URL(filePath: store.directory.file("loop.json"))).count
        #expect(kept.memory.breaker.history.count <= 10 && size < 8192, "\(size) bytes are remembered")
        let files = try FileManager.default.contentsOfDirectory(atPath: store.directory.path)
        #expect(files.count <= 15, "\(files)")
    }
}

extension SoakTorment {
    var words: String {
        let drifts = injected.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
        let faults = met.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
        return
            "\(count) troubles, \(corrected) corrected, \(withheld) left, \(gaveUp) given up: \(drifts); under \(faults)"
    }

    /// A soak in which nothing happens proves nothing.
    func expectEnough(days: Int) throws {
        #expect(count >= max(20, 14 * days), "\(words)")
        for drift in SoakDrift.allCases { #expect(injected[drift] ?? 0 >= max(2, days), "\(drift): \(words)") }
        for fault in SoakFault.allCases { #expect(met[fault] ?? 0 >= max(1, days * 2 / 3), "\(fault): \(words)") }
        #expect(corrected >= max(4, 3 * days) && withheld >= max(4, 3 * days), "\(words)")
        let kills = soak.weather.state.withLock { $0.kills }
        #expect(days < 3 || kills > 0 && gaveUp > 0, "\(kills) kills: \(words)")
    }
}

/// What this process holds, four times a simulated day.
struct SoakMemory {
    private let soak: SoakLab
    private let begin: Int
    /// As it is, and once malloc has given back what nobody uses.
    private var samples: [(resident: Int, used: Int)] = []
    /// Bytes of the simulated cluster as it would be kept: what grows in it is not the loop's.
    private var labs: [Int] = []

    init(_ soak: SoakLab, from now: Int) { (self.soak, begin) = (soak, now) }

    /// - Returns: Whether a day is over.
    mutating func sample(at now: Int) throws -> Bool {
        guard (now - begin) / 21_600 >= samples.count else { return false }
        let resident = Self.resident
        Self.trim()
        samples.append((resident, Self.resident))
        guard samples.count % 4 == 1 else { return false }
        labs.append(try soak.cluster.lab.read { (try? JSONEncoder().encode($0))?.count ?? 0 } / 1024)
        return true
    }

    var words: String {
        guard let (first, last) = samples.first.flatMap({ first in samples.last.map { (first, $0) } }) else {
            return ""
        }
        return "after \(samples.count / 4) days \(first.resident) → \(last.resident) KiB resident, "
            + "\(first.used) → \(last.used) KiB in use, lab \(labs.first ?? 0) → \(labs.last ?? 0) KiB"
    }

    /// The last third is not above the middle one, but for what the simulated cluster has grown.
    func expectFlat() {
        guard samples.count >= 24 else { return }
        let third = samples.count / 3
        let (middle, last) = (samples[third..<2 * third], samples[(2 * third)...])
        let grown = Self.median(last.map(\.resident)) - Self.median(middle.map(\.resident))
        #expect(grown <= 8 * 1024, "\(grown) KiB more resident in the last third: \(samples.map(\.resident))")
        let used = Self.median(last.map(\.used)) - Self.median(middle.map(\.used))
        #expect(used <= 4 * 1024, "\(used) KiB more in use in the last third: \(samples.map(\.used))")
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    /// KiB of this process.
    private static var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }

    /// What is free goes back to the system (malloc_trim(3)), which Glibc's module does not declare.
    private static func trim() {
        guard let address = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> Int32
        _ = unsafeBitCast(address, to: Trim.self)(0)
    }
}
