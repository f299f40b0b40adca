/// An act with one link of a node: the node takes a change back by itself unless it is confirmed in time.
///
/// One change at a time on a node. What a change needs is kept under `/var/lib/reconciler/network/TOKEN` until it is over.
public enum NetworkNodeAct: Hashable, Sendable, Codable {
    /// Keeps the old files, arms the revert (a process of its own, and entries for the next boot), then lets that process
    /// write the new files and have the link's owner apply them; it reverts `seconds` after it began to.
    ///
    /// Ends before the link is touched. `token` is unique to the change; a second time with the same one does nothing.
    case arm(NetworkChange, token: String, seconds: Int)
    /// Ends the revert; in conflict where it has begun, fails where the change is not applied yet.
    case confirm(token: String)
    /// Tells how the change stands: `.done`, with a `NetworkStanding` as its detail.
    case collect(token: String)
}

/// New files for one link.
public struct NetworkChange: Hashable, Sendable, Codable {
    public var link: String
    /// `ifupdown` or `networkd`; nobody else's links are changed.
    public var owner: LinkOwner
    public var files: [NetworkFile]

    public init(link: String, owner: LinkOwner, files: [NetworkFile]) {
        self.link = link
        self.owner = owner
        self.files = files
    }
}

/// A file of a network stack; whole, since it holds no secrets.
public struct NetworkFile: Hashable, Sendable, Codable {
    public var path: String
    public var text: String
    public var expected: FileExpectation

    public init(path: String, text: String, expected: FileExpectation) {
        self.path = path
        self.text = text
        self.expected = expected
    }
}

/// How a change of a link stands on its node, as `state` under its directory has it.
public struct NetworkStanding: Hashable, Sendable {
    public enum Word: String, Hashable, Sendable, Codable {
        /// The revert stands, nothing is changed yet.
        case armed
        case applying
        /// Waits to be confirmed.
        case applied
        case confirmed
        case reverted
        /// The revert has failed so far; it is tried again for ever.
        case trouble
    }

    public var word: Word
    /// Why it was reverted, or what the trouble is.
    public var words: String

    public init(_ word: Word, _ words: String = "") {
        self.word = word
        self.words = words
    }

    /// `WORD` and perhaps words, set apart by a space or a newline; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "\n" }
        guard let word = parts.first.flatMap({ Word(rawValue: String($0)) }) else { return nil }
        self.word = word
        words = parts.count > 1 ? String(parts[1].filter { $0 != "\n" }) : ""
    }

    /// Whether nothing is left of the change but this word.
    public var isOver: Bool { word == .confirmed || word == .reverted }

    public var text: String { words.isEmpty ? word.rawValue : "\(word.rawValue) \(words)" }

    /// Where changes of links are kept on a node.
    public static let directory = "/var/lib/reconciler/network"
}
