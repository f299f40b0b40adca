internal import Reconciler
internal import Specs
internal import Transport

/// What earlier runs have left open, looked at again with every plan.
struct Aftermath: Sendable {
    let journal: FileJournal
    /// Who looks.
    let run: RunID
    /// Whether what is found is written down: only under the lease is nobody else in the middle of it.
    let writes: Bool
    /// Hears every sentence too, for whoever shows no plan.
    let tell: @Sendable ([String]) -> Void

    /// Sentences for the plan, which was made of a fresh look at everything.
    func notes(on plan: Plan) -> [Note] {
        let notes = found(on: plan)
        tell(notes.map(\.text))
        return notes
    }

    private func found(on plan: Plan) -> [Note] {
        let reading: JournalReading
        do throws(JournalError) { reading = try journal.read() } catch {
            return [Note("what earlier runs have left open is not known: the journal cannot be read: \(error)")]
        }
        var notes: [Note] = []
        if let other = reading.underWay, !writes {
            notes.append(Note("the run \(other) goes on at this moment, and this was seen in the middle of it"))
        }
        if !reading.faults.isEmpty {
            let places = reading.faults.count == 1 ? "one place" : "\(reading.faults.count) places"
            notes.append(
                Note("\(journal.path) was changed or cut in \(places): `reconciler history` says where")
            )
        }
        let found = Reobservation.of(JournalHistory(reading), in: plan)
        return notes + found.map { Note($0.words) } + keep(found)
    }

    private func keep(_ found: [Reobservation]) -> [Note] {
        guard writes else { return [] }
        do throws(JournalError) {
            for one in found { try journal.append(.reobserved(one.found), of: run) }
            return []
        } catch {
            return [Note("what was found of earlier runs could not be written down: \(error)")]
        }
    }
}
