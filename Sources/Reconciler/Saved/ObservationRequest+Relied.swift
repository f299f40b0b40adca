public import Specs

extension ObservationRequest {
    /// Only what `objects` need of `node`: what a saved plan is checked against.
    public init(for node: NodeSpec, in spec: ClusterSpec, only objects: Set<ReliedObject>) {
        let name = node.name.value
        let own = objects.filter { $0.node == name }
        var facts: [FactRequest] = []
        for object in own.sorted(by: { $0.words < $1.words }) {
            switch object {
            case .node: facts.append(.platform)
            case .file(_, let path): facts.append(.file(path: path))
            case .directory(_, let path, let recursive): facts.append(.directory(path: path, recursive: recursive))
            case .service(_, let service): facts.append(.service(service))
            case .package(_, let package): facts.append(.package(package))
            case .link, .hostName: facts.append(.network)
            case .zooKeeper: facts += ZooKeeperFact.requests(for: node, in: spec)
            case .master: facts.append(.service(.mesosMaster))
            case .image: facts.append(.images)
            case .origin, .marathon, .app: break
            }
        }
        self.init(facts: facts)
    }

    private init(facts: [FactRequest]) {
        var seen: Set<FactRequest> = []
        self.facts = facts.filter { seen.insert($0).inserted }
    }
}
