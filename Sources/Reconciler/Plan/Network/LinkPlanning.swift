internal import Specs

extension Planning {
    /// Links that `network.enforce` wants otherwise: one node after another, before anything of the ensembles.
    mutating func planLinks() {
        for difference in leadersLast(desired.nodes.compactMap { self.difference($0.name) }) {
            let node = difference.desired
            guard let wanted = desired.links[node.name] else { continue }
            if let (problem, notes) = leftover(on: difference) {
                draft.notes += notes
                if let problem { block(wanted, node.name, problem, rule: nil) }
                if problem != nil { continue }
            }
            switch LinkJudgement(wanted, on: difference.observed) {
            case .settled(let notes): draft.notes += notes.map { Note(node: node.name, $0) }
            case .blocked(let problem, let rule): block(wanted, node.name, problem, rule: rule)
            case .change(let change):
                let seconds = secondsToConfirm(on: difference)
                if let problem = ensembleProblem(around: difference) ?? shortness(of: seconds) {
                    block(wanted, node.name, problem, rule: nil)
                } else {
                    plan(change, wanted, on: difference, within: seconds)
                }
            }
        }
    }

    /// Members of ensembles by how much they lead now, each other node in its place: a leader's link that goes down costs an
    /// election, and one that goes last costs the fewest.
    private func leadersLast(_ nodes: [NodeDifference]) -> [NodeDifference] {
        let places = nodes.indices.filter { nodes[$0].isMember }
        let members = places.map { nodes[$0] }.enumerated().sorted {
            (leads($0.element), $0.offset) < (leads($1.element), $1.offset)
        }
        var ordered = nodes
        for (place, member) in zip(places, members) { ordered[place] = member.element }
        return ordered
    }

    private func leads(_ member: NodeDifference) -> Int {
        let isMarathons = observed.marathon.value.map(member.leadsMarathon) ?? false
        return [
            member.observed.zooKeeper.value?.mode == .leader, member.observed.masterElected.value == true, isMarathons,
        ].count { $0 }
    }

    private mutating func block(_ wanted: DesiredLink, _ node: NodeName, _ problem: Problem, rule: String?) {
        draft.blocked.append(
            Blocked(
                node: node,
                title: "change \(wanted.interface ?? "the link of \(wanted.address)")",
                layer: .network,
                because: problem.because,
                isByUnknown: problem.isByUnknown,
                rule: rule,
                remedy: problem.remedy,
                position: wanted.reason.position
            )
        )
    }

    // MARK: What an earlier run left

    /// nil where none is left; a change that is not over holds the next one, one that was taken back is told.
    private func leftover(on member: NodeDifference) -> (Problem?, [Note])? {
        let directory = NetworkStanding.directory
        switch member.observed.directories[directory] {
        case .absent?: return nil
        case .unknown(let reason)?: return (Problem(because: "\(directory): \(reason)", isByUnknown: true), [])
        case nil: return (Problem(because: "\(directory) was not looked at", isByUnknown: true), [])
        case .found(let entries)?:
            var notes: [Note] = []
            for entry in entries where entry.path.hasSuffix("/state") {
                let place = String(entry.path.dropLast("/state".count))
                guard let text = entry.content?.shown, let standing = NetworkStanding(text) else {
                    return (Problem(because: "\(entry.path) cannot be understood", isByUnknown: true), notes)
                }
                switch standing.word {
                case .confirmed: continue
                case .reverted:
                    notes.append(
                        Note(node: member.name, "the node took its last change of a link back: \(standing.words)")
                    )
                // Nothing begins as late as this; arming the next change ends it.
                case .armed where member.observed.isOlder(entry, thanSeconds: 120):
                    notes.append(Note(node: member.name, "a change of a link was armed and never begun (\(place))"))
                case .armed, .applying, .applied:
                    return (
                        unfinished("a change of a link is \(standing.word.rawValue) and not confirmed", place), notes
                    )
                case .trouble:
                    return (unfinished("a change of a link could not be taken back: \(standing.words)", place), notes)
                }
            }
            return (nil, notes)
        }
    }

    private func unfinished(_ words: String, _ place: String) -> Problem {
        Problem(
            because: "\(words) (\(place))",
            isByUnknown: false,
            remedy:
                "the node takes it back by itself within minutes; if it stays, look at \(place)/state and at the link there"
        )
    }

    // MARK: The ensembles around it

    private static let ensembleServices: [ServiceName] = [.zooKeeper, .mesosMaster, .marathon, .mesosAgent]

    /// Services of this node that run and whose ensembles would miss it.
    private func services(of member: NodeDifference) -> [ServiceName] {
        Self.ensembleServices.filter { member.desired.service($0)?.running == true && member.mayBeUp($0) }
    }

    /// Why its link may not go down now: somebody else of its ensembles is away already.
    private func ensembleProblem(around member: NodeDifference) -> Problem? {
        for service in services(of: member) {
            let (answering, silent) = members(of: service)
            let others = answering.filter { $0.name != member.name }
            if service == .mesosAgent {
                let out = silent + others.filter { $0.isRegisteredAgent && !$0.isUp(service) }.map(\.name)
                guard let first = out.first, out.count >= desired.agentsAtOnce else { continue }
                return Problem(
                    because: "\(first) is out already, and policy.agentsAtOnce is \(desired.agentsAtOnce)",
                    isByUnknown: silent.contains(first)
                )
            }
            if let first = silent.first {
                return Problem(
                    because: "\(first) is a member of \(service)'s ensemble too and did not answer",
                    isByUnknown: true
                )
            }
            if let first = others.first(where: { !$0.isUp(service) }) {
                return Problem(
                    because:
                        "\(service) does not run on \(first.name), and \(member.name) would be away too for a moment",
                    isByUnknown: false,
                    remedy: "bring it up first"
                )
            }
        }
        return nil
    }

    private func gate(after member: NodeDifference) -> Gate? {
        let gates = services(of: member).compactMap { service -> Gate? in
            switch service {
            case .zooKeeper:
                guard let ensemble = desired.zooKeeper else { return nil }
                let state = ZooKeeperState(ensemble, members(of: .zooKeeper).answering)
                return Gate(
                    .zooKeeperQuorum(state.ring(state.members)),
                    deadlineSeconds: 120,
                    words: "the ZooKeeper ensemble whole"
                )
            case .mesosMaster:
                guard let masters = desired.masters else { return nil }
                return mastersGate([member], of: members(of: service).answering, masters, isFresh: false)
            case .marathon: return marathonGate([member])
            case .mesosAgent: return agentGate([member])
            default: return nil
            }
        }
        guard let first = gates.first else { return nil }
        guard gates.count > 1 else { return first }
        return Gate(
            .all(gates.map(\.condition)),
            deadlineSeconds: gates.map(\.deadlineSeconds).max() ?? first.deadlineSeconds,
            words: gates.map(\.words).joined(separator: "; ")
        )
    }

    // MARK: The step

    /// Masters remove an agent that has been silent for 75 s, unless their flags say otherwise (mesos-zk-ops.md 4.2): it is
    /// back well before.
    private static let secondsOfAgents = 45
    private static let secondsOfOthers = 90
    /// Two connections and a link that comes up take that long.
    private static let leastSeconds = 20
    private static let peersAsked = 5

    /// How long the node waits for a confirmation: of what masters wait for an agent, three fifths at most.
    private func secondsToConfirm(on member: NodeDifference) -> Int {
        guard member.desired.service(.mesosAgent)?.running == true else { return Self.secondsOfOthers }
        let waits = members(of: .mesosMaster).answering.compactMap { $0.secondsForAgents }
        return min(Self.secondsOfAgents, (waits.min() ?? 75) * 3 / 5)
    }

    private func shortness(of seconds: Int) -> Problem? {
        guard seconds < Self.leastSeconds else { return nil }
        return Problem(
            because: "masters give a silent agent up too soon for a change that may have to be taken back within "
                + "\(seconds) s",
            isByUnknown: false,
            remedy: "raise agent_ping_timeout or max_agent_ping_timeouts of the masters first, or change it by hand"
        )
    }

    private mutating func plan(
        _ change: LinkDifference,
        _ wanted: DesiredLink,
        on member: NodeDifference,
        within seconds: Int
    ) {
        let (node, file) = (member.name, change.file)
        let resource = "file:\(file.path)"
        let causes = Causes(applied: member.observed.applied.value, revision: revision)
        let digest = sha256(change.after)
        if !draft.drafts.contains(where: { $0.step.layer == .network }) {
            draft.safety.append(
                "Links: one node at a time; each takes its change back by itself unless it is confirmed over a new connection"
            )
        }
        add(
            StepKey.link(node),
            needs: [StepKey.hold(node)],
            Step(
                id: 0,
                layer: .network,
                title: "change \(change.link)",
                act: .network(
                    NetworkAct(
                        node: node,
                        change: NetworkChange(
                            link: change.link,
                            owner: change.owner,
                            files: [
                                NetworkFile(
                                    path: file.path,
                                    text: change.after,
                                    expected: .digest(sha256(change.before))
                                )
                            ]
                        ),
                        seconds: seconds,
                        expected: change.expected,
                        peers: peers(of: member)
                    )
                ),
                changes: [
                    Change(
                        node: node,
                        resource: resource,
                        kind: .update,
                        cause: causes.cause(of: resource, wanted: digest, observed: sha256(change.before)),
                        before: Content(change.before),
                        after: Content(change.after),
                        summary: change.words.joined(separator: ", "),
                        applied: causes.entry(resource, digest: digest)
                    )
                ],
                gate: gate(after: member),
                impact: .disruptive(
                    "\(change.link) of \(node) goes down for seconds and connections through it may break; unless it comes "
                        + "back as declared and answers a new connection, \(node) takes the change back after \(seconds) s"
                ),
                reasons: [wanted.reason],
                undo: "revert the commit; by itself the node undoes only what was not confirmed",
                needsAttendance: true
            )
        )
    }

    /// Some of the others, by ssh's port: one that listens on all of them.
    private func peers(of member: NodeDifference) -> [PeerPort] {
        let others = desired.nodes.filter { $0.name != member.name && difference($0.name) != nil }
        return others.prefix(Self.peersAsked).map { PeerPort($0.address, 22) }
    }
}

extension NodeDifference {
    /// Whether it runs a part of an ensemble that has a leader.
    fileprivate var isMember: Bool {
        [ServiceName.zooKeeper, .mesosMaster, .marathon].contains { desired.service($0)?.running == true }
    }

    /// How long this master waits for an agent that does not answer, as it says itself; nil where it does not.
    fileprivate var secondsForAgents: Int? {
        guard let flags = observed.services[.mesosMaster]?.value?.reportedFlags,
            let ping = flags["agent_ping_timeout"]?.plainText.flatMap({ MesosDuration($0) }),
            let count = flags["max_agent_ping_timeouts"]?.plainText.flatMap({ Int64($0) }), (1...10_000).contains(count)
        else { return nil }
        return Int(min(ping.nanoseconds / 1_000_000_000, 86_400) * count)
    }
}

extension ObservedNode {
    /// By the node's own clock, which wrote the file's time too.
    fileprivate func isOlder(_ file: ObservedFile, thanSeconds seconds: Int) -> Bool {
        guard let now = clock.value else { return false }
        return now - Double(file.modified) > Double(seconds)
    }
}
