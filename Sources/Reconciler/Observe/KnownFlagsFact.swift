internal import Specs

/// The flags the installed Mesos daemons know: an unknown one makes them exit (mesos-zk-ops.md 1.3, F15).
enum KnownFlagsFact: Fact {
    /// In the order of preference; debs before 2015 install under /usr/local (mesos-zk-ops.md 1.1).
    private static let programs: [(service: ServiceName, role: Role, paths: [String])] = [
        (.mesosMaster, .mesosMaster, ["/usr/sbin/mesos-master", "/usr/local/sbin/mesos-master"]),
        (
            .mesosAgent, .mesosAgent,
            ["/usr/sbin/mesos-agent", "/usr/sbin/mesos-slave", "/usr/local/sbin/mesos-slave"]
        ),
    ]

    /// Where the program of a service may be, in the order of preference; none where it has no flags of this kind.
    static func paths(of service: ServiceName) -> [String] {
        programs.first { $0.service == service }?.paths ?? []
    }

    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        programs.filter { node.has($0.role) }.flatMap { $0.paths.map { .flagNames(program: $0) } }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for program in programs {
            let found: [Observation<[String]>] = program.paths.compactMap { path in
                answers.value(of: .flagNames(program: path)) { answer in
                    if case .flagNames(let names) = answer { names } else { nil }
                }
            }
            // The first that is there, whether or not it told its flags.
            observed.knownFlags[program.service] = found.first { $0 != .absent } ?? found.first
        }
    }
}
