internal import Specs

/// The services that are wanted or held off: boot and running state, and what the process really runs with.
enum ServicesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        let context = RoleContext(node: node, spec: spec, platform: .fallback)
        return ManagedRoles.all.flatMap { $0.resources(for: context).services.map { .service($0.name) } }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .service(let name) in answers.requests {
            observed.services[name] = answers.value(of: .service(name)) { answer in
                if case .service(let service) = answer { read(service, answers.redaction) } else { nil }
            }
        }
    }

    private static func read(_ service: ServiceAnswer, _ redaction: Redaction) -> ObservedService {
        ObservedService(
            name: service.name,
            boot: service.boot,
            run: service.run,
            pid: service.pid,
            started: service.started,
            restarts: service.restarts,
            arguments: redaction.arguments(service.arguments),
            environment: redaction.environment(service.environment),
            copies: Dictionary(service.copies.map { ($0.path, redaction.text($0.content, path: $0.path)) }) { $1 },
            detail: redaction.words(service.detail).shown
        )
    }
}
