/// The durable part of a replica of the masters' replicated log.
///
/// The real log is a sequence of writes; the registry's storage only ever needs the last one, so that is what is kept, with
/// its position. Statuses and what they may answer: mesos 1.11.0, src/log/replica.cpp; mesos-zk-ops.md 3.1.
struct LogReplica: Hashable, Sendable, Codable {
    enum Status: String, Hashable, Sendable, Codable {
        case empty = "EMPTY"
        case starting = "STARTING"
        case recovering = "RECOVERING"
        case voting = "VOTING"
    }

    var status = Status.empty
    /// The highest proposal it has promised to, and to whom.
    var promised = 0
    var promisedTo: ProcessID?
    var position = 0
    /// Under which the value at `position` was written.
    var proposal = 0
    var value: String?

    /// Whether a promise or a write under that proposal may be accepted from there.
    func accepts(_ proposal: Int, from coordinator: ProcessID) -> Bool {
        proposal > promised || proposal == promised && promisedTo == coordinator
    }

    /// Whether the other one's last write is newer.
    func isBehind(_ other: LogReplica) -> Bool { (position, proposal) < (other.position, other.proposal) }
}

extension LogReplica {
    var json: JSON {
        var object: JSONObject = [
            "status": .string(status.rawValue), "promised": .integer(promised), "position": .integer(position),
            "proposal": .integer(proposal),
        ]
        object["promised_to"] = promisedTo.map { .string("\($0)") }
        object["value"] = .optional(value)
        return .object(object)
    }

    init?(_ json: JSON) {
        guard let status = json["status"]?.string.flatMap(Status.init(rawValue:)), let promised = json["promised"]?.int,
            let position = json["position"]?.int, let proposal = json["proposal"]?.int
        else { return nil }
        self.status = status
        self.promised = promised
        self.position = position
        self.proposal = proposal
        promisedTo = json["promised_to"]?.string.flatMap { ProcessID($0) }
        value = json["value"]?.string
    }

    /// The file of the log in `<work_dir>/replicated_log`; its real content is LevelDB's.
    static func path(workDirectory: String) -> String { "\(workDirectory)/replicated_log/000003.log" }

    /// The file: a line about the replica, then the value as it is.
    var file: String {
        var about = self
        about.value = nil
        return about.json.text + "\n" + (value ?? "")
    }

    init?(reading text: String) {
        let line = text.prefix { $0 != "\n" }
        do throws(JSONFault) { self.init(try JSON(parsing: String(line))) } catch { return nil }
        let rest = text[line.endIndex...].dropFirst()
        value = rest.isEmpty ? nil : String(rest)
    }
}
