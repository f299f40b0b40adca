internal import Specs

/// Writes whose starting content is read in the same visit: read, edited, compared and swapped.
extension VisitRun {
    func carryOut(_ edit: LateEdit, _ records: inout AppliedRecords) async -> StepOutcome {
        let entries = records.take(path: edit.path)
        let current: FileAnswer?
        switch await context.observe([.file(path: edit.path)], on: node) {
        case .failure(let error): return .failed("\(node): could not read \(edit.path): \(error.message)")
        case .success(let answers):
            switch answers.first {
            case .file(let file)?: current = file
            case .absent?: current = nil
            case .unknown(let reason)?: return .failed("\(node): could not read \(edit.path): \(reason)")
            default: return .failed("\(node): could not read \(edit.path): an unexpected answer")
            }
        }
        if let current, current.kind != .regular {
            return .conflict("\(node): \(edit.path) is no regular file (\(current.kind.rawValue))")
        }
        let action: NodeAction?
        do throws(EditFailure) {
            action = try self.action(for: edit, on: current)
        } catch {
            return .failed("\(node): \(edit.path): \(error.words)")
        }
        guard let action else { return await note(entries, after: .alreadyInPlace) }
        let batch = BatchRun(step: step.id, node: node, context: context)
        return await batch.carryOut([action] + Self.record(entries)).outcome
    }

    private struct EditFailure: Error {
        var words: String
    }

    /// The write that makes of `current` what is wanted, compared against exactly it; nil where it is so already.
    private func action(for edit: LateEdit, on current: FileAnswer?) throws(EditFailure) -> NodeAction? {
        let wanted: Content
        switch edit.body {
        case .absent:
            return current.map {
                .removeFile(path: edit.path, expected: expectation($0, ""), readBy: edit.readBy)
            }
        case .whole(let content): wanted = content
        case .keyed(let keyed): wanted = try text(keyed, on: current)
        }
        guard let revealed = context.secrets.reveal(wanted) else {
            throw EditFailure(words: "a secret it needs has no value here")
        }
        if let current, current.holds(revealed, edit.mode, edit.owner, edit.group) { return nil }
        return .writeFile(
            FileWrite(
                path: edit.path,
                content: wanted,
                mode: edit.mode,
                owner: edit.owner,
                group: edit.group,
                expected: current.map { expectation($0, wanted) } ?? .absent,
                readBy: edit.readBy
            )
        )
    }

    private func text(_ edit: KeyedEdit, on current: FileAnswer?) throws(EditFailure) -> Content {
        if let current, current.content == nil {
            throw EditFailure(words: "it is larger than 64 KiB or no text, so no key of it can be set")
        }
        guard let revealed = edit.revealed(by: context.secrets) else {
            throw EditFailure(words: "a secret it needs has no value here")
        }
        let text = KeyedText(context.secrets.mask(current?.content ?? ""), format: edit.format)
        if let fault = text.fault { throw EditFailure(words: "\(fault), so no key of it can be set") }
        do {
            return context.secrets.mask(try context.editText(revealed, current?.content))
        } catch {
            throw EditFailure(words: "\(error)")
        }
    }

    /// Of a file that holds secrets, or is about to, not even a fast digest is sent around.
    private func expectation(_ current: FileAnswer, _ wanted: Content) -> FileExpectation {
        let isSensitive = wanted.isSensitive || current.content.map { context.secrets.mask($0).isSensitive } ?? false
        return isSensitive ? .stamp(current.stamp) : .digest(current.digest)
    }
}

extension KeyedEdit {
    /// The same edit with every secret's value in place of its reference; nil when one is missing.
    fileprivate func revealed(by secrets: SecretStore) -> KeyedEdit? {
        var edit = self
        for index in edit.set.indices {
            guard let value = secrets.reveal(edit.set[index].value) else { return nil }
            edit.set[index].value = Content(value)
        }
        for index in edit.recommended.indices {
            guard let value = secrets.reveal(edit.recommended[index].value) else { return nil }
            edit.recommended[index].value = Content(value)
        }
        return edit
    }
}
