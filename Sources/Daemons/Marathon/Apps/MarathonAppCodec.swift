/// One app definition as the server of one release reads, merges, checks and writes it.
public struct MarathonAppCodec: Hashable, Sendable, Codable {
    public var version: MarathonVersion
    public var context: MarathonContext

    public init(version: MarathonVersion, context: MarathonContext = MarathonContext()) {
        self.version = version
        self.context = context
    }
}
