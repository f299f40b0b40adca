internal import Daemons
public import Specs

extension LabWorld {
    /// Breaks something, with a target of its own choice where none is given.
    ///
    /// - Parameters:
    ///   - kind: What to do.
    ///   - node: Where; its own choice is the same every time.
    /// - Returns: A sentence saying what was done.
    /// - Throws: There is nothing here to break in this way.
    public mutating func breakSomething(_ kind: LabBreak, on node: NodeName? = nil) throws(LabError) -> String {
        if let node {
            _ = try index(node)
            guard kind != .killedLeader, kind != .scaledApp else {
                throw LabError(.noTarget, "\(kind.rawValue) finds its own target; leave --on out")
            }
        }
        switch kind {
        case .handEditedFile: return try editFile(on: node)
        case .strayFlagFile: return try strayFile(on: node)
        case .deadHost:
            let target = try target(node, "is powered on") { $0.node.isUp }
            try inject(.powerOff(target))
            return "\(target) lost its power."
        case .stoppedService: return try stopService(on: node)
        case .killedLeader: return try killLeader()
        case .scaledApp: return try scaleApp()
        case .lostImage: return try loseImage(on: node)
        case .fullDisk:
            let target = try target(node, "is powered on") { $0.node.isUp }
            try inject(.fillDisk(target))
            return "The disk of \(target) is full: /var/tmp/filler takes all that was left."
        case .cutTransfer:
            let target = try target(node, "is powered on") { $0.node.isUp }
            try inject(.cutTransfer(to: target))
            return "The next image that is brought to \(target) will break off half-way."
        }
    }

    /// The given node, or the first that will do; nodes without ZooKeeper come first, since they hurt least.
    private func target(
        _ given: NodeName?,
        _ what: String,
        _ isFit: (LabMachine) -> Bool
    ) throws(LabError) -> NodeName {
        let candidates = machines.filter { given == nil || $0.node.name == given }.filter(isFit)
        let zooKeepers = Set(zooKeeper.servers.map(\.node))
        guard let chosen = candidates.first(where: { !zooKeepers.contains($0.name) }) ?? candidates.first else {
            let sentence = given.map { "it is not so that \($0) \(what)" } ?? "no node \(what)"
            throw LabError(.noTarget, "\(sentence); look at `reconciler lab status`")
        }
        return chosen.node.name
    }

    private mutating func editFile(on node: NodeName?) throws(LabError) -> String {
        let edits = [
            ("/etc/mesos-slave/executor_registration_timeout", "1mins\n"),
            ("/etc/mesos/zk", "zk://localhost:2181/mesos\n"),
        ]
        let target = try target(node, "has a flag file of Mesos") { machine in
            edits.contains { machine.node.files.isRegular($0.0) }
        }
        let files = machines[try index(target)].node.files
        guard let (path, text) = edits.first(where: { files.isRegular($0.0) && files.read($0.0) != $0.1 }) else {
            throw LabError(.noTarget, "the files of \(target) are edited already")
        }
        try inject(.write(path: path, text: text, on: target))
        return "\(path) on \(target) was edited by hand: it says \(text.dropLast()) now."
    }

    private mutating func strayFile(on node: NodeName?) throws(LabError) -> String {
        let directories = ["/etc/mesos-slave", "/etc/mesos-master"]
        let target = try target(node, "has a flag directory of Mesos") { machine in
            directories.contains { machine.node.files.list($0)?.isEmpty == false }
        }
        let files = machines[try index(target)].node.files
        let directory = directories.first { files.list($0)?.isEmpty == false } ?? directories[0]
        let names = (files.list(directory) ?? []).filter { !$0.hasPrefix(".") && !$0.hasSuffix(".bak") }
        let original = names.first ?? "work_dir"
        let path = "\(directory)/\(original).bak"
        try inject(.write(path: path, text: files.read("\(directory)/\(original)") ?? "", on: target))
        return
            "\(path) was left behind on \(target): the wrapper takes it for the flag --\(original).bak at the next start."
    }

    private mutating func stopService(on node: NodeName?) throws(LabError) -> String {
        let order: [ServiceName] = [.mesosAgent, .marathon, .mesosMaster, .zooKeeper, .docker]
        let target = try target(node, "runs a service") { machine in
            machine.node.processes.contains { order.contains($0.service) }
        }
        let running = Set(machines[try index(target)].node.processes.map(\.service))
        let service = order.first { running.contains($0) } ?? .docker
        try inject(.stop(service, on: target))
        return "\(service) on \(target) was stopped by hand."
    }

    private mutating func killLeader() throws(LabError) -> String {
        let status = status
        let leaders: [(NodeName?, ServiceName, String)] = [
            (status.mesosLeader, .mesosMaster, "the leading Mesos master"),
            (status.marathonLeader, .marathon, "the leading Marathon"),
            (status.zooKeeperLeader, .zooKeeper, "the leading ZooKeeper server"),
        ]
        for (leader, service, words) in leaders {
            guard let leader else { continue }
            try inject(.kill(service, on: leader))
            return "\(words), on \(leader), was killed (kill -9).".capitalizedFirst
        }
        throw LabError(.noTarget, "nothing leads in this lab; `reconciler apply --lab` first?")
    }

    private mutating func scaleApp() throws(LabError) -> String {
        guard let app = status.apps.first else { throw LabError(.noTarget, "Marathon has no app to scale") }
        try inject(.scale(app: app.id, instances: app.instances + 2))
        return "\(app.id) was scaled by hand, from \(app.instances) to \(app.instances + 2) instances."
    }

    private mutating func loseImage(on node: NodeName?) throws(LabError) -> String {
        func images(_ machine: LabMachine) -> [String] {
            var engine = machine.node.engine
            let answer = engine?.command(["images", "--no-trunc"], at: now) ?? DockerAnswer()
            return answer.standardOutput.split(separator: "\n").dropFirst().compactMap { line in
                let words = line.split(separator: " ")
                guard words.count > 1, words[0] != "<none>" else { return nil }
                return "\(words[0]):\(words[1])"
            }
        }
        let target = try target(node, "has a Docker image") { !images($0).isEmpty }
        let image = images(machines[try index(target)]).sorted().first ?? ""
        try inject(.loseImage(image, on: target))
        return "The image \(image) is gone from \(target)."
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
