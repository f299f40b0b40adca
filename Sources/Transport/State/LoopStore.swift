internal import FoundationEssentials
public import Reconciler
internal import Specs

/// What the loop and those who steer it hand each other through the state directory.
///
/// `loop.json` and `webhook.json` are the loop's own; `pause.json` and `resume.jsonl` are written by `pause` and `resume` and read by the loop.
public struct LoopStore: Sendable {
    public let directory: StateDirectory

    private var memory: StateFile { StateFile(path: directory.file("loop.json")) }
    private var pauseFile: StateFile { StateFile(path: directory.file("pause.json")) }
    private var resumeFile: StateFile { StateFile(path: directory.file("resume.jsonl")) }
    private var webhookFile: StateFile { StateFile(path: directory.file("webhook.json")) }

    public init(_ directory: StateDirectory) { self.directory = directory }

    /// What `loop.json` says.
    public struct Kept: Hashable, Sendable, Codable {
        public var formatVersion: Int
        /// When the loop wrote it, seconds since 1970 by its own clock.
        public var at: Int
        /// The loop's interval then.
        public var intervalSeconds: Int
        public var memory: LoopMemory

        public init(at: Int, intervalSeconds: Int, memory: LoopMemory) {
            formatVersion = 1
            self.at = at
            self.intervalSeconds = intervalSeconds
            self.memory = memory
        }

        /// Whether a loop that runs would have written since; it writes after every round, and a round may take a while.
        public func isRecent(at now: Int) -> Bool { now - at <= 2 * max(intervalSeconds, 60) + 3600 / 4 }
    }

    // MARK: Memory

    /// - Returns: nil where no loop has run here.
    /// - Throws: `StateError` where it cannot be read or is damaged.
    public func kept() throws(StateError) -> Kept? { try decoded(Kept.self, memory) }

    public func keep(_ kept: Kept) throws(StateError) { try memory.replace(encoded(kept)) }

    // MARK: Pause

    /// Whether somebody paused the loop; what cannot be read is unknown, and counts as paused.
    public var pause: Observation<LoopPause> {
        do throws(StateError) {
            return try decoded(LoopPause.self, pauseFile).map { .found($0) } ?? .absent
        } catch {
            return .unknown(error.description)
        }
    }

    public func set(_ pause: LoopPause) throws(StateError) { try pauseFile.replace(encoded(pause)) }

    /// - Returns: Whether there was one.
    public func endPause() throws(StateError) -> Bool { try pauseFile.remove() }

    // MARK: Resume

    private struct Resumed: Codable {
        /// nil for every item.
        var item: LoopItem?
        var by: String
        var at: Int
    }

    /// Asks the loop to correct `item` again, every raised one where it is nil.
    public func resume(_ item: LoopItem?, by person: String, at now: Int) throws(StateError) {
        try resumeFile.append(encoded(Resumed(item: item, by: person, at: now)))
    }

    /// What was resumed since this was asked last, gone with the answer; a line that cannot be read is passed over.
    public func takeResumed() throws(StateError) -> [LoopItem?] {
        let bytes = try resumeFile.take() ?? []
        var items: [LoopItem?] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let resumed = try? JSONDecoder().decode(Resumed.self, from: Data(line)) else { continue }
            items.append(resumed.item)
        }
        return items
    }

    // MARK: Webhook

    /// Notices that were not delivered when the loop was here last; nil where none was ever told.
    public func waiting() throws(StateError) -> WebhookQueue? { try decoded(WebhookQueue.self, webhookFile) }

    public func keep(_ queue: WebhookQueue) throws(StateError) { try webhookFile.replace(encoded(queue)) }

    // MARK: JSON

    private func encoded(_ value: some Encodable) throws(StateError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")] } catch {
            throw StateError(directory.path, saying: "cannot be encoded: \(error)")
        }
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ file: StateFile) throws(StateError) -> Value? {
        guard let bytes = try file.read() else { return nil }
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw StateError(file.path, saying: "is damaged or of another version; move it away")
        }
    }
}
