public import Reconciler
public import Specs

/// Asks the engines that images come from what they hold: the script that asks nodes, also on this machine.
public struct EngineQuestion: Sendable {
    private let access: OpenSSHNodeAccess
    private let hosts: [ImageHost: NodeTarget]
    private let deadline: Duration

    public init(access: OpenSSHNodeAccess, hosts: [ImageHost: NodeTarget], deadline: Duration = .seconds(60)) {
        self.access = access
        self.hosts = hosts
        self.deadline = deadline
    }

    /// Absent: the host has no engine at all.
    public func answer(of host: ImageHost) async -> Observation<ImagesAnswer> {
        do throws(NodeAccessError) {
            let answer = try await ask(host).first
            if case .images(let answer) = answer { return .found(answer) }
            if case .absent = answer { return .absent }
            if case .unknown(let reason) = answer { return .unknown("\(host): \(reason)") }
            return .unknown("\(host): its answer could not be understood")
        } catch {
            return .unknown(error.message)
        }
    }

    private func ask(_ host: ImageHost) async throws(NodeAccessError) -> [FactAnswer] {
        switch host {
        case .ssh:
            guard let target = hosts[host] else {
                throw NodeAccessError(
                    .nameNotFound,
                    "\(host): it is not known how to reach it; check `from` in cluster.yaml"
                )
            }
            return try await access.observe([.images], on: target)
        case .thisMachine:
            return try await Visit.observe([.images], at: .node, deadline: deadline) {
                (script, limit) throws(NodeAccessError) in
                let child = ChildProcess(
                    program: "/bin/sh",
                    arguments: ["-s"],
                    input: Array(script.text.utf8),
                    deadline: limit
                )
                do throws(ChildProcess.Failure) {
                    let ended = try await child.run(in: access.socketDirectory)
                    return Visit.Printed(output: ended.output, errors: ended.errors, ending: ended.ending)
                } catch {
                    throw NodeAccessError(error, running: "this machine", within: limit)
                }
            }
        }
    }
}
