internal import Specs

/// Fields that are left as they are may hold texts that the plan has masked: only Marathon knows them, right before the write.
extension AppRun {
    /// Sends `write`, which may have masked texts, completed by what Marathon has at this moment.
    func write(
        _ write: AppWrite,
        over before: AppSight,
        force: Bool
    ) async throws(MarathonFault) -> MarathonClient.Ticket {
        let whole = try await completed(write, by: before)
        do throws(MarathonFault) {
            return try await tools.marathon.put(whole, id: act.id, force: force)
        } catch {
            // Marathon may quote what it refuses.
            let texts = Set(whole.body.texts).subtracting(write.body.texts).compactMap(\.plainText)
            var fault = error
            for text in texts where !text.isEmpty {
                fault.message = fault.message.replacing(text, with: Content([.redacted]).shown)
            }
            throw fault
        }
    }

    /// `write` without masked texts; nothing is asked where it has none.
    ///
    /// What comes of it is for sending and for nothing else.
    func completed(_ write: AppWrite, by before: AppSight) async throws(MarathonFault) -> AppWrite {
        guard write.isMasked else { return write }
        let raw: RawApp?
        do throws(MarathonFault) { raw = try await tools.marathon.rawApp(act.id) } catch {
            throw MarathonFault(
                error.kind,
                "what it keeps of its own could not be read: \(error.message); nothing was written"
            )
        }
        guard let raw, raw.version == before.app?.version else {
            throw MarathonFault(
                .missing,
                "it was changed at this moment, by someone else, and nothing was written; plan again"
            )
        }
        guard let whole = write.unmasked(by: raw.definition, in: act.context) else {
            let fields = act.ignoring.joined(separator: ", ")
            throw MarathonFault(
                .invalid,
                "a masked text of what it keeps (\(fields)) is not what Marathon has, and nothing was written; "
                    + "plan again, or declare that field"
            )
        }
        return whole
    }
}
