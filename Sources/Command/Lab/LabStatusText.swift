internal import Daemons
internal import Lab
internal import Rendering
internal import Specs

/// The lab's time as people read it, such as `2026-01-05 09:04:31 UTC`.
func labTime(_ moment: Moment) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
}

/// The state of the lab, a line a machine, then who leads and what runs.
struct LabStatusText {
    var status: LabStatus
    var cluster: String
    var style: TextStyle

    init(_ status: LabStatus, cluster: String, style: TextStyle) {
        self.status = status
        self.cluster = cluster
        self.style = style
    }

    var text: String {
        "Lab of \(cluster)   \(labTime(status.now))   seed \(status.seed)\n\n\(machines)\n\(daemons)\(apps)"
    }

    var machines: String {
        let width = status.nodes.map(\.name.text.count).max() ?? 0
        let addresses = status.nodes.map(\.address.count).max() ?? 0
        return status.nodes.map { node in
            "  \(padded(node.name.text, width))  \(padded(node.address, addresses))  \(state(of: node))\n"
        }.joined()
    }

    private func state(of node: LabStatus.Node) -> String {
        guard node.isPoweredOn else { return "off" }
        let services = node.services.map { service -> String in
            let isLeader =
                switch service.name {
                case .zooKeeper: status.zooKeeperLeader == node.name
                case .mesosMaster: status.mesosLeader == node.name
                case .marathon: status.marathonLeader == node.name
                default: false
                }
            return "\(service.name) \(service.version)\(isLeader ? " (leads)" : "")"
        }
        let images = node.images ?? []
        let words =
            (services.isEmpty ? "nothing runs" : services.joined(separator: " · "))
            + (images.isEmpty ? "" : "; images \(images.joined(separator: ", "))")
        return node.isPluggedIn ? words : "unplugged; \(words)"
    }

    private var daemons: String {
        let leaders = [
            ("ZooKeeper", status.zooKeeperLeader), ("Mesos", status.mesosLeader), ("Marathon", status.marathonLeader),
        ]
        return leaders.map { name, leader in
            let agents = name == "Mesos" && leader != nil ? "; agents \(agentWords)" : ""
            return "  \(padded(name, 9))  \(leader.map { "\($0) leads" } ?? "nobody leads")\(agents)\n"
        }.joined()
    }

    private var agentWords: String {
        status.agents.isEmpty
            ? "none"
            : status.agents.map { "\($0.hostname)\($0.isActive ? "" : " (inactive)")" }.joined(separator: ", ")
    }

    private var apps: String {
        guard !status.apps.isEmpty else { return "" }
        let width = status.apps.map(\.id.count).max() ?? 0
        return "\n"
            + status.apps.map { app in
                let running = app.tasks.filter { $0.state == "TASK_RUNNING" }
                let hosts = Set(running.map(\.host)).sorted().joined(separator: ", ")
                let place = hosts.isEmpty ? "" : " on \(hosts)"
                return "  \(padded(app.id, width))  \(running.count) of \(app.instances) running\(place)\n"
            }.joined()
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
