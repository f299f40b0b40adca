/// Sections that are read and checked, and that this version does not act on yet.
public struct OtherSections: Hashable, Sendable {
    /// The names of those that are declared, sorted; every plan names them.
    public var declared: [String]

    public init(declared: [String] = []) { self.declared = declared }
}
