internal import Specs

/// Files that are no text are compared by the digest of their bytes, and shown by nothing else.
extension FileComparer {
    func compareBytes(of file: DesiredFile, _ wanted: Content, with found: ObservedFile) -> FileComparison {
        guard case .digest(let digest) = found.version, let bytesDigest = file.bytesDigest else {
            return .unknown("its bytes cannot be compared")
        }
        let attributes = attributeDifference(file, found)
        if digest == bytesDigest, attributes == nil { return .equal(notes: []) }
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
        var change = change(file, kind: .update, before: nil, after: nil, observedDigest: digest)
        change.summary = digest == bytesDigest ? attributes ?? "" : "another content"
        return .differs(FileDifference(file: file, change: change, act: .action(.writeFile(write))), notes: [])
    }
}

extension DesiredFile {
    /// Of the bytes that are declared; nil where none are, or they are no bytes in this encoding.
    var bytesDigest: String? {
        guard case .whole(let content) = body, let text = content.plainText else { return nil }
        return encoding.bytes(of: text).map { sha256(bytes: $0) }
    }
}

extension FileAnswer {
    /// Whether it is what a write would make of it.
    func holds(_ write: FileWrite, _ secrets: SecretStore) -> Bool {
        let text = secrets.reveal(write.content)
        guard write.encoding != .text else { return holds(text, write.mode, write.owner, write.group) }
        guard kind == .regular, let bytes = text.flatMap(write.encoding.bytes), digest == sha256(bytes: bytes) else {
            return false
        }
        return write.mode ?? mode == mode && write.owner ?? owner == owner && write.group ?? group == group
    }
}
