/// Where a secret's value comes from; the value itself is looked up only at the walls.
public enum SecretReference: Hashable, Sendable, Codable, CustomStringConvertible {
    /// `${env:NAME}`: an environment variable of the operator's process.
    case environment(String)
    /// `${file:PATH}`: a file beside cluster.yaml (or absolute), its trailing newline dropped.
    case file(String)

    public var description: String {
        switch self {
        case .environment(let name): "${env:\(name)}"
        case .file(let path): "${file:\(path)}"
        }
    }
}

/// Text as segments, so that nothing that is saved, shown or compared ever holds a secret's value.
public struct Content: Hashable, Sendable, Codable {
    public enum Segment: Hashable, Sendable, Codable {
        case literal(String)
        /// The value of a declared secret stands here.
        case secret(SecretReference)
        /// A value that must not be shown and is no declared secret's, as found on a node.
        case redacted
    }

    /// Neighbouring literals are joined and empty ones dropped, so equal texts have equal segments.
    public private(set) var segments: [Segment]

    public init(_ segments: [Segment]) {
        self.segments = segments.reduce(into: []) { joined, segment in
            switch (joined.last, segment) {
            case (_, .literal("")): break
            case (.literal(let head)?, .literal(let tail)): joined[joined.count - 1] = .literal(head + tail)
            default: joined.append(segment)
            }
        }
    }

    /// Text without secrets.
    public init(_ text: String) { segments = text.isEmpty ? [] : [.literal(text)] }

    public static func + (a: Content, b: Content) -> Content { Content(a.segments + b.segments) }

    /// Whether any part must not be shown.
    public var isSensitive: Bool {
        segments.contains {
            switch $0 {
            case .literal: false
            case .secret, .redacted: true
            }
        }
    }

    /// The text, if no part of it is secret.
    public var plainText: String? {
        isSensitive ? nil : segments.map(\.shown).joined()
    }

    /// The text with `${env:NAME}` in place of secrets and `•••` in place of redacted parts.
    public var shown: String { segments.map(\.shown).joined() }

    /// Every secret this text needs.
    public var references: [SecretReference] {
        segments.compactMap { if case .secret(let reference) = $0 { reference } else { nil } }
    }
}

extension Content: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text) }
}

extension Content.Segment {
    fileprivate var shown: String {
        switch self {
        case .literal(let text): text
        case .secret(let reference): reference.description
        case .redacted: "•••"
        }
    }
}
