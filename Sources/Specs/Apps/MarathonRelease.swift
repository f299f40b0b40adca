/// A Marathon's version, as far as its behaviour depends on it (marathon-api.md 7.3).
///
/// Builds on the way to a release (`1.5.0-snapshot1`, `0.7.0-SNAPSHOT`) behave as that release.
public struct MarathonRelease: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    /// From 1.6 a count of commits.
    public var patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// As `/v2/info` and packages name it; nil for what has no number in front.
    public init?(_ text: String) {
        guard let version = DottedVersion(text), let major = version.numbers.first else { return nil }
        self.init(major, version.numbers.dropFirst().first ?? 0, version.numbers.dropFirst(2).first ?? 0)
    }

    public static func < (a: MarathonRelease, b: MarathonRelease) -> Bool {
        (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
    }

    public var description: String { "\(major).\(minor).\(patch)" }
}
