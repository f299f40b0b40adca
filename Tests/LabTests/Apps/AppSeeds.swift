import Daemons
import FoundationEssentials
import Specs

/// Seeds of the app properties: `SEED=n` replays one, `SEEDS=n` runs that many, `SEEDS=m-n` those from m to n.
func appSeeds(_ count: Int) -> ClosedRange<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return seed...seed }
    let ends = (environment["SEEDS"] ?? "").split(separator: "-").compactMap { UInt64($0) }
    switch (ends.first, ends.last) {
    case (let first?, let last?) where ends.count == 2 && first <= last: return first...last
    case (let last?, _): return 1...max(last, 1)
    default: return 1...UInt64(count)
    }
}

/// Those of `releases` that `RELEASE=1.4.13,1.5.0` names; all of them without it.
func wanted(_ releases: [MarathonRelease]) -> [MarathonRelease] {
    guard let names = ProcessInfo.processInfo.environment["RELEASE"]?.split(separator: ",") else { return releases }
    return releases.filter { names.contains($0.description[...]) }
}

/// The releases whose readers were read, and those beside every border between them (marathon-api.md, eras).
let agreementReleases = wanted([
    MarathonRelease(0, 7, 6), MarathonRelease(0, 8, 2), MarathonRelease(0, 11, 1), MarathonRelease(0, 15, 0),
    MarathonRelease(0, 15, 3),
    MarathonRelease(1, 1, 5), MarathonRelease(1, 3, 13), MarathonRelease(1, 4, 8), MarathonRelease(1, 4, 9),
    MarathonRelease(1, 4, 13),
    MarathonRelease(1, 5, 0), MarathonRelease(1, 5, 1), MarathonRelease(1, 5, 15), MarathonRelease(1, 7, 236),
    MarathonRelease(1, 8, 244),
    MarathonRelease(1, 9, 109), MarathonRelease(1, 10, 26), MarathonRelease(1, 11, 24),
])

extension SeededNumbers {
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    /// True that often of a hundred times.
    mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }
    mutating func one<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }
}

extension MarathonVersion {
    init(_ release: MarathonRelease) { self.init(release.major, release.minor, release.patch) }
}
