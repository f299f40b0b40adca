/// Why the lab cannot do what it is asked; says where and the next move.
public struct LabError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// No lab has been made in this directory.
        case missing
        /// The saved world cannot be read: damaged, or of another version of the program.
        case unreadable
        /// The directory cannot be read or written.
        case storage
        /// The declared cluster asks for something the lab does not know.
        case unsupported
        /// The declared nodes are not the machines of this world any more.
        case outgrown
        /// There is no such node, service, app or image to do it to.
        case noTarget
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
