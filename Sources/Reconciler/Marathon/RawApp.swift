public import Specs

/// A definition as Marathon has it, secrets in the clear: for a write that restores it, and for nothing else.
public struct RawApp: Sendable, CustomStringConvertible, CustomReflectable {
    public let id: String
    public let version: String
    /// Without what is Marathon's own.
    public let definition: AppValue

    init(id: String, version: String, definition: AppValue) {
        self.id = id
        self.version = version
        self.definition = definition
    }

    public var description: String { "RawApp(\(id) of \(version))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
