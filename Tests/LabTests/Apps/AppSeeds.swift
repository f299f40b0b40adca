import Daemons
import FoundationEssentials
import Specs

/// Seeds of the app properties: `SEED=n` replays one, `SEEDS=n` runs that many.
func appSeeds(_ count: Int) -> ClosedRange<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return seed...seed }
    let wanted = environment["SEEDS"].flatMap { Int($0) } ?? count
    return 1...UInt64(max(wanted, 1))
}

/// The releases whose readers were read, and those beside every border between them (marathon-api.md, eras).
let agreementReleases = [
    MarathonRelease(0, 7, 6), MarathonRelease(0, 8, 2), MarathonRelease(0, 11, 1), MarathonRelease(0, 15, 3),
    MarathonRelease(1, 1, 5), MarathonRelease(1, 3, 13), MarathonRelease(1, 4, 13), MarathonRelease(1, 5, 15),
    MarathonRelease(1, 8, 244), MarathonRelease(1, 11, 24),
]

extension SeededNumbers {
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    /// True that often of a hundred times.
    mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }
    mutating func one<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }
}

extension MarathonVersion {
    init(_ release: MarathonRelease) { self.init(release.major, release.minor, release.patch) }
}
