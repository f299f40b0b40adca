public import Daemons
public import Specs

/// Where a daemon listens.
public struct LabListener: Hashable, Sendable {
    public var node: NodeName
    public var service: ServiceName
    /// Of its REST.
    public var endpoint: Endpoint
}

extension LabWorld {
    /// The REST of every daemon that runs on a machine which is on, in the order of machines and ports.
    public var listeners: [LabListener] {
        machines.indices.flatMap { index in
            machines[index].listeners.sorted { $0.key < $1.key }.compactMap { port, serial -> LabListener? in
                guard let process = processes[serial], process.daemon?.listeners.first?.port == port else { return nil }
                return LabListener(
                    node: machines[index].node.name,
                    service: process.service,
                    endpoint: Endpoint(machines[index].node.address, port)
                )
            }
        }
    }
}
