/// Where a run writes what it is about to do before it does it, and what came of it.
///
/// Conformers: the file in the state directory (`Transport`). A run without one (a rehearsal, a test) is given nil.
public protocol RunJournal: Sendable {
    /// Durable when it returns: written and synced, so that it is there after a power cut.
    ///
    /// Called from any task; records stand in the order of the calls.
    /// - Throws: Why it is not there. Whatever the record was to precede must not be done then.
    func append(_ record: JournalRecord) throws(JournalError)
}

/// Why a journal could not be written or read; says what and where.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}
