import Lab
import Reconciler
import Specs
import Testing

@testable import Command

/// What somebody does to the cluster by hand.
enum SoakDrift: String, CaseIterable, Hashable {
    case editedFile, deletedFile, stoppedAgent, stoppedServer, scaledDown
    /// To be told and left to people.
    case scaledUp, manyNodes, ignoredFile
    /// Made again after each correction.
    case undone

    /// Whether the loop is to correct it by itself when it may.
    var isCorrectable: Bool {
        switch self {
        case .scaledUp, .manyNodes, .ignoredFile: false
        case .editedFile, .deletedFile, .stoppedAgent, .stoppedServer, .scaledDown, .undone: true
        }
    }
}

/// What the world itself says, asked without the planner.
struct SoakSight {
    let cluster: LoopLab
    /// Of the files that are edited, as they were when everything was in order.
    private(set) var texts: [String: String] = [:]

    static let edited = "/etc/mesos-slave/executor_registration_timeout"
    static let ignored = "/etc/mesos-slave/containerizers"
    static let agents = (1...3).map { NodeName("mesos-slave\($0)") }
    static let masters = (1...3).map { NodeName("mesos-master\($0)") }

    init(_ cluster: LoopLab) throws {
        self.cluster = cluster
        for path in [Self.edited, Self.ignored] { texts[path] = try content(path, Self.agents[0]) }
        #expect(texts.values.allSatisfy { !$0.isEmpty } && texts.count == 2, "the cluster is not as this test knows it")
    }

    func content(_ path: String, _ node: NodeName) throws -> String? {
        let answers = try cluster.lab.ask { world throws(LabError) in
            (try? world.observe([.file(path: path)], on: node)) ?? []
        }
        guard case .file(let file)? = answers.first else { return nil }
        return file.content
    }

    func runs(_ service: ServiceName, on node: NodeName) throws -> Bool {
        try cluster.status().nodes.first { $0.name == node }?.services.contains { $0.name == service } ?? false
    }

    /// ZooKeeper servers that serve or are about to.
    func servers() throws -> Int { try cluster.status().nodes.count { $0.zooKeeperMode != nil } }

    func instances() throws -> Int? { try cluster.status().apps.first { $0.id == "/hello" }?.instances }

    // MARK: Drift

    /// What it is to be called, item by item.
    func items(_ drift: SoakDrift, on node: NodeName) -> [LoopItem] {
        switch drift {
        case .editedFile, .deletedFile, .undone: [LoopItem(node: node, resource: "file:" + Self.edited)]
        case .stoppedAgent, .stoppedServer:
            [LoopItem(node: node, resource: "service:" + (drift == .stoppedAgent ? "mesos-slave" : "zookeeper"))]
        case .scaledDown, .scaledUp: [LoopItem(resource: "app:/hello")]
        case .manyNodes: Self.agents.map { LoopItem(node: $0, resource: "file:" + Self.edited) }
        case .ignoredFile: [LoopItem(node: node, resource: "file:" + Self.ignored)]
        }
    }

    /// - Throws: It did not happen.
    func inject(_ drift: SoakDrift, on node: NodeName) throws {
        switch drift {
        case .editedFile, .undone: try cluster.inject(.write(path: Self.edited, text: "1mins\n", on: node))
        case .deletedFile: try cluster.inject(.delete(path: Self.edited, on: node))
        case .stoppedAgent: try cluster.inject(.stop(.mesosAgent, on: node))
        case .stoppedServer: try cluster.inject(.stop(.zooKeeper, on: node))
        case .scaledDown: try cluster.inject(.scale(app: "/hello", instances: 1))
        case .scaledUp: try cluster.inject(.scale(app: "/hello", instances: 3))
        case .manyNodes:
            for agent in Self.agents { try cluster.inject(.write(path: Self.edited, text: "1mins\n", on: agent)) }
        case .ignoredFile: try cluster.inject(.write(path: Self.ignored, text: "mesos\n", on: node))
        }
    }

    /// By people.
    func restore(_ drift: SoakDrift, on node: NodeName) throws {
        switch drift {
        case .editedFile, .deletedFile, .undone, .ignoredFile:
            let path = drift == .ignoredFile ? Self.ignored : Self.edited
            try cluster.inject(.write(path: path, text: texts[path] ?? "", on: node))
        case .stoppedAgent: try cluster.inject(.start(.mesosAgent, on: node))
        case .stoppedServer: try cluster.inject(.start(.zooKeeper, on: node))
        case .scaledDown, .scaledUp: try cluster.inject(.scale(app: "/hello", instances: 2))
        case .manyNodes: for agent in Self.agents { try restore(.editedFile, on: agent) }
        }
    }

    func isAsDeclared(_ drift: SoakDrift, on node: NodeName) throws -> Bool {
        switch drift {
        case .editedFile, .deletedFile, .undone: try content(Self.edited, node) == texts[Self.edited]
        case .stoppedAgent: try runs(.mesosAgent, on: node)
        case .stoppedServer: try runs(.zooKeeper, on: node)
        case .scaledDown, .scaledUp: try instances() == 2
        case .manyNodes: try Self.agents.allSatisfy { try content(Self.edited, $0) == texts[Self.edited] }
        case .ignoredFile: try content(Self.ignored, node) == texts[Self.ignored]
        }
    }
}

extension SoakWeather.Deed {
    /// Whether it is for one of these items, and of a kind that ends and restarts nothing.
    func isMeant(for items: [LoopItem]) -> Bool {
        guard let node else { return items.contains(LoopItem(resource: "app:/hello")) && request.hasPrefix("PUT ") }
        return actions.allSatisfy { action in
            switch action {
            case .writeFile(let write): items.contains(LoopItem(node: node, resource: "file:" + write.path))
            case .service(.unmaskUnit(let name)), .service(.enableUnit(let name)), .service(.startUnit(let name)):
                items.contains(LoopItem(node: node, resource: "service:\(name)"))
            default: false
            }
        }
    }
}

extension SoakLab {
    /// Waits until the app has no deployment, as Marathon takes one of an app at a time.
    ///
    /// One that waits for an offer that was lost on its way waits for ever: without `--offer_timeout` a master makes it again only
    /// to a framework that registers anew, which is what people bring about after half an hour.
    func untilMarathonIsFree(_ sight: SoakSight) async throws {
        for minute in 1...60 {
            do {
                return try sight.restore(.scaledUp, on: SoakSight.masters[0])
            } catch let stop as Stop where stop.message?.contains("locked by") ?? false {
                if minute == 30, let leader = try cluster.status().marathonLeader {
                    try cluster.inject(.kill(.marathon, on: leader))
                }
                try await pass(60)
            }
        }
        Issue.record("Marathon is not free within an hour")
    }
}
