/// A master's part in the replicated log: its replica, its recovery, and the writing of the leading master.
///
/// The replicas are Paxos acceptors; who leads collects promises of a quorum, takes over the newest value among them, and
/// writes to a quorum. Sources: mesos 1.11.0, src/log/{recover,consensus,coordinator,replica}.cpp; mesos-zk-ops.md 3.1.
struct ReplicatedLog: Hashable, Sendable, Codable {
    enum Outcome: Hashable {
        /// The replica votes.
        case recovered
        /// A quorum has promised; the newest value among them, nil in a fresh log.
        case elected(value: String?)
        case written
        /// Another coordinator was promised more.
        case demoted
    }

    private enum Coordination: Hashable, Sendable, Codable {
        case none
        case electing(proposal: Int, promises: Set<ProcessID>, best: LogReplica)
        case elected(proposal: Int, position: Int)
        case writing(proposal: Int, position: Int, value: String, acks: Set<ProcessID>)
    }

    static let retryMilliseconds = 500

    let quorum: Int
    let autoInitialize: Bool
    let me: ProcessID
    private let path: String
    private(set) var replica: LogReplica
    /// All members of the group, this one among them.
    private(set) var members: [ProcessID]
    private var coordination = Coordination.none
    /// Of this round of the recovery: which status each replica had.
    private var answers: [ProcessID: LogReplica] = [:]
    private var round = 0
    private var highestSeen = 0

    init(quorum: Int, autoInitialize: Bool, me: ProcessID, workDirectory: String, file: String?) {
        self.quorum = quorum
        self.autoInitialize = autoInitialize
        self.me = me
        path = LogReplica.path(workDirectory: workDirectory)
        replica = file.flatMap { LogReplica(reading: $0) } ?? LogReplica()
        members = [me]
        highestSeen = replica.promised
    }

    var isRecovered: Bool { replica.status == .voting }

    /// Whether `tick` has something to ask again.
    var isWaiting: Bool {
        if !isRecovered { return true }
        switch coordination {
        case .none, .elected: return false
        case .electing, .writing: return true
        }
    }

    mutating func setMembers(_ members: [ProcessID]) {
        self.members = ([me] + members.filter { $0 != me }).sorted { $0.description < $1.description }
    }

    /// Asks those again who have not answered; called every `retryMilliseconds` while `isWaiting`.
    mutating func tick(_ effects: inout [DaemonEffect]) -> [Outcome] {
        var outcomes: [Outcome] = []
        if !isRecovered { outcomes += askToRecover(&effects) }
        switch coordination {
        case .none, .elected: break
        case .electing, .writing: outcomes += propose(&effects)
        }
        return outcomes
    }

    /// Becomes the coordinator, as soon as the replica votes and a quorum promises.
    mutating func elect(_ effects: inout [DaemonEffect]) -> [Outcome] {
        highestSeen = max(highestSeen, replica.promised) + 1
        coordination = .electing(proposal: highestSeen, promises: [], best: LogReplica())
        return propose(&effects)
    }

    /// Writes a value after the last; only once elected, one at a time.
    mutating func write(_ value: String, _ effects: inout [DaemonEffect]) -> [Outcome] {
        guard case .elected(let proposal, let position) = coordination else { return [] }
        coordination = .writing(proposal: proposal, position: position + 1, value: value, acks: [])
        return propose(&effects)
    }

    mutating func receive(_ message: DaemonMessage, _ effects: inout [DaemonEffect]) -> [Outcome] {
        let body = message.body
        switch message.name {
        case Self.recoverRequest:
            var state = replica
            if state.status != .voting { state.value = nil }
            send(
                Self.recoverResponse,
                ["round": body["round"] ?? 0, "replica": state.json],
                to: message.from,
                &effects
            )
        case Self.recoverResponse:
            guard body["round"]?.int == round, let state = body["replica"].flatMap({ LogReplica($0) }) else {
                return []
            }
            answers[message.from] = state
            return recover(&effects)
        case Self.promiseRequest, Self.writeRequest: answer(message, &effects)
        case Self.promiseResponse: return promised(by: message.from, body, &effects)
        case Self.writeResponse: return wrote(message.from, body, &effects)
        default: break
        }
        return []
    }
}

// MARK: - Recovery

extension ReplicatedLog {
    private mutating func askToRecover(_ effects: inout [DaemonEffect]) -> [Outcome] {
        // Nothing is asked before there could be a quorum.
        guard members.count >= quorum else { return [] }
        round += 1
        answers = [me: replica]
        for member in members where member != me {
            send(Self.recoverRequest, ["round": .integer(round)], to: member, &effects)
        }
        return recover(&effects)
    }

    /// What the answers of this round allow: catching up from a quorum of voters, or the steps of a bootstrap, for which
    /// all 2q−1 must be there.
    private mutating func recover(_ effects: inout [DaemonEffect]) -> [Outcome] {
        guard !isRecovered else { return [] }
        let voters = members.compactMap { answers[$0] }.filter { $0.status == .voting }
        if voters.count >= quorum {
            if replica.status != .recovering {
                replica.status = .recovering
                persist(&effects)
                return askToRecover(&effects)
            }
            if let newest = voters.max(by: { $0.isBehind($1) }) {
                (replica.position, replica.proposal, replica.value) = (newest.position, newest.proposal, newest.value)
            }
            replica.promised = voters.map(\.promised).max() ?? 0
            replica.promisedTo = voters.first { $0.promised == replica.promised }?.promisedTo
            return begin(.voting, &effects)
        }
        func count(_ a: LogReplica.Status, _ b: LogReplica.Status) -> Int {
            answers.values.count { $0.status == a || $0.status == b }
        }
        let all = 2 * quorum - 1
        if autoInitialize, replica.status == .empty, count(.empty, .starting) >= all {
            return begin(.starting, &effects)
        }
        if autoInitialize, replica.status == .starting, count(.starting, .voting) >= all {
            return begin(.voting, &effects)
        }
        return []
    }

    private mutating func begin(_ status: LogReplica.Status, _ effects: inout [DaemonEffect]) -> [Outcome] {
        replica.status = status
        persist(&effects)
        effects.append(.log(.info, "Updated replica status to \(status.rawValue)"))
        guard status == .voting else { return askToRecover(&effects) }
        answers = [:]
        return [.recovered] + (coordination == .none ? [] : propose(&effects))
    }

    private func persist(_ effects: inout [DaemonEffect]) {
        effects.append(.write(path: path, text: replica.file))
    }
}

// MARK: - Proposing

extension ReplicatedLog {
    /// (Re)sends what the coordinator waits for to those who have not answered; this replica answers at once.
    private mutating func propose(_ effects: inout [DaemonEffect]) -> [Outcome] {
        let request: (name: String, body: JSON)
        let answered: Set<ProcessID>
        switch coordination {
        case .none, .elected: return []
        case .electing(let proposal, let promises, _):
            (request, answered) = ((Self.promiseRequest, ["proposal": .integer(proposal)]), promises)
        case .writing(let proposal, let position, let value, let acks):
            let body: JSON = [
                "proposal": .integer(proposal), "position": .integer(position), "value": .string(value),
            ]
            (request, answered) = ((Self.writeRequest, body), acks)
        }
        for member in members where member != me && !answered.contains(member) {
            send(request.name, request.body, to: member, &effects)
        }
        guard !answered.contains(me) else { return [] }
        var local: [DaemonEffect] = []
        answer(DaemonMessage(from: me, to: me, request.name, request.body), &local)
        var outcomes: [Outcome] = []
        for effect in local {
            if case .send(let reply) = effect { outcomes += receive(reply, &effects) } else { effects.append(effect) }
        }
        return outcomes
    }

    /// A voting replica's answer to a coordinator; the others keep silent.
    private mutating func answer(_ request: DaemonMessage, _ effects: inout [DaemonEffect]) {
        guard isRecovered, let proposal = request.body["proposal"]?.int else { return }
        let isWrite = request.name == Self.writeRequest
        let position = request.body["position"]?.int ?? 0
        let isFine = replica.accepts(proposal, from: request.from) && (!isWrite || position >= replica.position)
        if isFine {
            (replica.promised, replica.promisedTo) = (proposal, request.from)
            if isWrite {
                (replica.position, replica.proposal) = (position, proposal)
                replica.value = request.body["value"]?.string
            }
            persist(&effects)
        }
        var body: JSONObject = ["okay": .bool(isFine), "proposal": .integer(isFine ? proposal : replica.promised)]
        if isWrite {
            body["position"] = .integer(position)
        } else if isFine {
            body["replica"] = replica.json
        }
        send(isWrite ? Self.writeResponse : Self.promiseResponse, .object(body), to: request.from, &effects)
    }

    private mutating func promised(
        by voter: ProcessID,
        _ body: JSON,
        _ effects: inout [DaemonEffect]
    ) -> [Outcome] {
        guard case .electing(let proposal, var promises, var best) = coordination, let number = body["proposal"]?.int
        else { return [] }
        guard body["okay"]?.bool == true else {
            // Someone was promised more: ask with more than that.
            guard number >= proposal else { return [] }
            highestSeen = max(highestSeen, number)
            return elect(&effects)
        }
        guard number == proposal, let state = body["replica"].flatMap({ LogReplica($0) }) else { return [] }
        promises.insert(voter)
        if best.isBehind(state) { best = state }
        guard promises.count >= quorum else {
            coordination = .electing(proposal: proposal, promises: promises, best: best)
            return []
        }
        coordination = .elected(proposal: proposal, position: best.position)
        return [.elected(value: best.value)]
    }

    private mutating func wrote(_ voter: ProcessID, _ body: JSON, _ effects: inout [DaemonEffect]) -> [Outcome] {
        guard case .writing(let proposal, let position, let value, var acks) = coordination,
            body["position"]?.int == position
        else { return [] }
        guard body["okay"]?.bool == true else {
            guard let number = body["proposal"]?.int, number > proposal else { return [] }
            highestSeen = max(highestSeen, number)
            coordination = .none
            return [.demoted]
        }
        acks.insert(voter)
        guard acks.count >= quorum else {
            coordination = .writing(proposal: proposal, position: position, value: value, acks: acks)
            return []
        }
        coordination = .elected(proposal: proposal, position: position)
        return [.written]
    }
}

// MARK: - The operator's tool

extension ReplicatedLog {
    /// `mesos-log initialize --path=…` on one master: its replica votes from then on (mesos-zk-ops.md 3.1).
    /// - Returns: What is to be written.
    /// - Throws: The tool's words where the log is not empty.
    static func initialized(workDirectory: String, file: String?) throws(DaemonExit) -> DaemonEffect {
        var replica = file.flatMap { LogReplica(reading: $0) } ?? LogReplica()
        guard replica.status == .empty else { throw DaemonExit("The log is not empty") }
        replica.status = .voting
        return .write(path: LogReplica.path(workDirectory: workDirectory), text: replica.file)
    }
}

// MARK: - Messages

extension ReplicatedLog {
    static let recoverRequest = "mesos.internal.log.RecoverRequest"
    static let recoverResponse = "mesos.internal.log.RecoverResponse"
    static let promiseRequest = "mesos.internal.log.PromiseRequest"
    static let promiseResponse = "mesos.internal.log.PromiseResponse"
    static let writeRequest = "mesos.internal.log.WriteRequest"
    static let writeResponse = "mesos.internal.log.WriteResponse"

    private func send(_ name: String, _ body: JSON, to receiver: ProcessID, _ effects: inout [DaemonEffect]) {
        effects.append(.send(DaemonMessage(from: me, to: receiver, name, body)))
    }
}
