internal import Specs

/// Tells what changed since the last run from what was declared since, by a node's applied record.
struct Causes {
    /// Resource → entry; nil where there is no record or it could not be read.
    var applied: [String: AppliedEntry]?
    /// The revision that new entries carry.
    var revision: String?

    /// `git` where the node still is as last applied, `drift` where it is not, `unattributed` without a record.
    ///
    /// Where both moved it is drift: a hand edit must not hide behind a commit.
    func cause(of resource: String, wanted: String, observed: String?) -> Change.Cause {
        guard let entry = applied?[resource] else { return .unattributed }
        return entry.digest != wanted && entry.digest == observed ? .git : .drift
    }

    func entry(_ resource: String, digest: String) -> AppliedEntry {
        AppliedEntry(resource: resource, digest: digest, revision: revision ?? "-")
    }
}

extension DesiredFile {
    /// The digest of what is declared, in the form `managedDigest(of:)` gives for a file that is as declared.
    var wantedDigest: String {
        switch body {
        case .absent: "absent"
        case .whole where encoding != .text: bytesDigest ?? "no bytes"
        case .whole(let content): rawDigest ?? comparison.canonical(content).digest
        case .keyed(let edit): edit.declaredDigest
        }
    }

    /// Of a file too large to be told by its text: the digest that the node tells.
    private var rawDigest: String? {
        guard isSite, case .whole(let content) = body, let text = content.plainText, text.utf8.count > 65_536 else {
            return nil
        }
        return sha256(text)
    }

    /// The digest of the managed part of what is there.
    func managedDigest(of content: Content) -> String {
        switch body {
        case .absent, .whole: comparison.canonical(content).digest
        case .keyed(let edit): edit.managedDigest(of: content)
        }
    }
}

extension DesiredFile.Body {
    /// The content as far as it is declared.
    var declared: Content? {
        switch self {
        case .whole(let content): content
        case .keyed(let edit):
            Content(edit.set.flatMap { [.literal("\($0.key)=")] + $0.value.segments + [.literal("\n")] })
        case .absent: nil
        }
    }

    var late: LateEdit.Body {
        switch self {
        case .whole(let content): .whole(content)
        case .keyed(let edit): .keyed(edit)
        case .absent: .absent
        }
    }
}

extension DesiredFile.Comparison {
    /// Equal texts for the reader of the file have equal canonical forms.
    func canonical(_ content: Content) -> Content {
        switch self {
        case .exact: return content
        case .trailingNewlines: return content.withoutTrailingNewlines
        case .duration:
            let trimmed = content.withoutTrailingNewlines
            guard let text = trimmed.plainText, let duration = MesosDuration(text) else { return trimmed }
            return Content("\(duration.nanoseconds)ns")
        }
    }
}

extension ObservedNode {
    /// Whether the package is there; unknown counts as not for files, and is blocked elsewhere.
    func hasInstalled(_ package: String) -> Bool {
        if case .found(let answer)? = packages[package] { answer.installed != nil } else { false }
    }
}
