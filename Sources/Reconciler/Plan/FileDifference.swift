internal import Specs

/// A file that is not as declared, and what would make it so.
struct FileDifference: Hashable {
    var file: DesiredFile
    var change: Change
    var act: PlannedAction
}

/// What came of comparing one declared file.
enum FileComparison {
    case equal(notes: [String])
    case differs(FileDifference, notes: [String])
    /// It cannot be compared; says why.
    case unknown(String)
}

/// Compares declared files with what a node answered.
struct FileComparer {
    var node: DesiredNode
    var observed: ObservedNode
    var causes: Causes

    func compare(_ file: DesiredFile) -> FileComparison {
        if let package = file.shippedBy, !observed.hasInstalled(package) {
            if case .unknown(let reason) = observed.packages[package] ?? .unknown("it was not asked for") {
                return .unknown("whether its package \(package) is installed is unknown: \(reason)")
            }
            return .differs(arriving(file), notes: [])
        }
        switch observed.files[file.path] ?? .unknown("it was not asked for") {
        case .unknown(let reason): return .unknown(reason)
        case .absent: return compareAbsent(file)
        case .found(let found):
            switch found.kind {
            case .directory, .other: return .unknown("it is no regular file")
            case .dangling: return compareAbsent(file)
            case .regular: return compare(file, with: found)
            }
        }
    }

    /// A file that comes with a package not installed yet: what is in it then is read when it is there.
    private func arriving(_ file: DesiredFile) -> FileDifference {
        let edit = LateEdit(
            path: file.path,
            body: file.body.late,
            mode: file.mode,
            owner: file.owner,
            group: file.group,
            readBy: file.readBy
        )
        return FileDifference(
            file: file,
            change: change(file, kind: .create, before: nil, after: file.body.declared, observedDigest: nil),
            act: .edit(edit)
        )
    }

    private func compareAbsent(_ file: DesiredFile) -> FileComparison {
        let content: Content
        switch file.body {
        case .absent: return .equal(notes: [])
        case .whole(let whole): content = whole
        case .keyed(let edit):
            guard let text = edit.applied(to: nil) else { return .differs(arriving(file), notes: []) }
            content = text
        }
        let write = FileWrite(
            path: file.path,
            content: content,
            encoding: file.encoding,
            mode: file.mode,
            owner: file.owner,
            group: file.group,
            expected: .absent,
            readBy: file.readBy
        )
        let change = change(file, kind: .create, before: nil, after: content, observedDigest: "absent")
        return .differs(FileDifference(file: file, change: change, act: .action(.writeFile(write))), notes: [])
    }

    private func compare(_ file: DesiredFile, with found: ObservedFile) -> FileComparison {
        switch file.body {
        case .absent:
            let change = change(
                file,
                kind: .remove,
                before: found.content,
                after: nil,
                observedDigest: found.content.map { file.managedDigest(of: $0) }
            )
            let act = NodeAction.removeFile(path: file.path, expected: found.version, readBy: file.readBy)
            return .differs(FileDifference(file: file, change: change, act: .action(act)), notes: [])
        case .whole(let wanted) where file.encoding != .text:
            return compareBytes(of: file, wanted, with: found)
        case .whole(let wanted):
            guard let content = found.content else { return compareUnread(file, wanted, with: found) }
            let attributes = attributeDifference(file, found)
            if file.comparison.areEqual(wanted, content), attributes == nil { return .equal(notes: []) }
            return .differs(replacement(file, wanted, found, content, attributes), notes: [])
        case .keyed(let edit):
            guard let content = found.content else { return .unknown("it is larger than 64 KiB or no text") }
            if let fault = KeyedText(content, format: edit.format).fault { return .unknown(fault) }
            return compare(file, edit, with: found, content)
        }
    }

    /// A file of which only the digest was told: one of the site's own is replaced whole, whatever it held.
    private func compareUnread(_ file: DesiredFile, _ wanted: Content, with found: ObservedFile) -> FileComparison {
        guard file.isSite, let text = wanted.plainText, case .digest(let digest) = found.version else {
            return .unknown("it is larger than 64 KiB or no text")
        }
        let attributes = attributeDifference(file, found)
        let isSame = sha256(text) == digest
        if isSame, attributes == nil { return .equal(notes: []) }
        var difference = replacement(file, wanted, found, wanted, attributes)
        if !isSame {
            difference.change = change(file, kind: .update, before: nil, after: wanted, observedDigest: digest)
            difference.change.summary = "\(found.size) bytes → \(text.utf8.count) bytes"
        }
        return .differs(difference, notes: [])
    }

    private func replacement(
        _ file: DesiredFile,
        _ wanted: Content,
        _ found: ObservedFile,
        _ content: Content,
        _ attributes: String?
    ) -> FileDifference {
        let write = FileWrite(
            path: file.path,
            content: wanted,
            encoding: file.encoding,
            mode: file.mode,
            owner: file.owner,
            group: file.group,
            expected: found.version,
            readBy: file.readBy
        )
        var change = change(
            file,
            kind: .update,
            before: content,
            after: wanted,
            observedDigest: file.managedDigest(of: content)
        )
        if let attributes, file.comparison.areEqual(wanted, content) { change.summary = attributes }
        return FileDifference(file: file, change: change, act: .action(.writeFile(write)))
    }

    private func compare(
        _ file: DesiredFile,
        _ edit: KeyedEdit,
        with found: ObservedFile,
        _ content: Content
    ) -> FileComparison {
        let differences = edit.differences(from: content)
        let advice = edit.unmetRecommendations(in: content).map {
            "\(file.path): \($0.key)=\($0.value.shown) is recommended and not set"
        }
        let attributes = attributeDifference(file, found)
        if differences.isEmpty, attributes == nil { return .equal(notes: advice) }
        let after = edit.applied(to: content)
        let act: PlannedAction
        if let after {
            act = .action(
                .writeFile(
                    FileWrite(
                        path: file.path,
                        content: after,
                        mode: file.mode,
                        owner: file.owner,
                        group: file.group,
                        expected: found.version,
                        readBy: file.readBy
                    )
                )
            )
        } else {
            act = .edit(
                LateEdit(
                    path: file.path,
                    body: .keyed(edit.withoutRecommendations),
                    mode: file.mode,
                    owner: file.owner,
                    group: file.group,
                    readBy: file.readBy,
                    expected: found.version
                )
            )
        }
        var change = change(
            file,
            kind: .update,
            before: after == nil ? nil : content,
            after: after,
            observedDigest: file.managedDigest(of: content)
        )
        change.summary = differences.isEmpty ? attributes ?? "" : differences.joined(separator: ", ")
        return .differs(FileDifference(file: file, change: change, act: act), notes: advice)
    }

    /// What differs in mode, owner or group where they are declared.
    func attributeDifference(_ file: DesiredFile, _ found: ObservedFile) -> String? {
        var differences: [String] = []
        if let mode = file.mode, mode != found.mode {
            differences.append("mode \(String(found.mode, radix: 8)) → \(String(mode, radix: 8))")
        }
        if let owner = file.owner, owner != found.owner { differences.append("owner \(found.owner) → \(owner)") }
        if let group = file.group, group != found.group { differences.append("group \(found.group) → \(group)") }
        return differences.isEmpty ? nil : differences.joined(separator: ", ")
    }

    func change(
        _ file: DesiredFile,
        kind: Change.Kind,
        before: Content?,
        after: Content?,
        observedDigest: String?
    ) -> Change {
        let resource = "file:\(file.path)"
        let wanted = file.wantedDigest
        let (before, after) = file.encoding == .text ? (before, after) : (nil, nil)
        return Change(
            node: node.name,
            resource: resource,
            kind: kind,
            cause: causes.cause(of: resource, wanted: wanted, observed: observedDigest),
            before: before,
            after: after,
            summary: Change.summary(before: before, after: after, at: file.path),
            applied: causes.entry(resource, digest: wanted)
        )
    }
}

extension Change {
    /// `1mins → 5mins` where both are one short line; otherwise the new value, or nothing where the diff says it.
    static func summary(before: Content?, after: Content?, at path: String) -> String {
        func short(_ content: Content?) -> String? {
            guard let content else { return nil }
            let line = ShownContent.file(content, at: path).withoutTrailingNewlines.shown
            return line.contains("\n") || line.count > 120 ? nil : line
        }
        switch (short(before), short(after)) {
        // Equal as shown and yet different: the difference is in what must not be shown.
        case (let old?, let new?): return old == new ? "\(old) → another value (secret)" : "\(old) → \(new)"
        case (nil, let new?): return before == nil ? new : ""
        case (let old?, nil): return after == nil ? old : ""
        case (nil, nil): return ""
        }
    }
}
