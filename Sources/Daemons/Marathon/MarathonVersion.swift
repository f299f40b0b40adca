/// A Marathon release; everything that differs between releases is asked of it by number, as the reference tables say it.
public struct MarathonVersion: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    public var patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `1.11.24`; what follows the numbers is ignored (`1.5.0-snapshot1`).
    public init?(_ text: String) {
        let numbers = text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    }

    public static func < (a: MarathonVersion, b: MarathonVersion) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    public var description: String { "\(major).\(minor).\(patch)" }
}

extension MarathonVersion {
    /// Whether this release is `major.minor[.patch]` or newer.
    func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
        (self.major, self.minor, self.patch) >= (major, minor, patch)
    }

    /// Whether apps are read by the generated RAML types, which have `networks` (marathon-api.md, era E6).
    var readsRAML: Bool { isAtLeast(1, 5) }

    /// Whether an unchanged app keeps its version (marathon-api.md 2.2).
    var keepsVersions: Bool { isAtLeast(0, 11) }
}
