internal import Specs

extension LoadBalancerGate {
    private static let configuration = FactRequest.file(path: BridgeScript.Paths.configuration)
    private static let lastRun = FactRequest.file(path: BridgeScript.Paths.lastRun)
    private static let listening = FactRequest.listening(ports: [])

    func ask(into questions: inout GateQuestions) {
        questions.ask(
            [.service(.haproxy), .service(cron), Self.configuration, Self.lastRun, Self.listening],
            of: node
        )
    }

    /// What cannot come is not waited for: a listener whose tasks are gone by now is missing by right, as long as the bridge
    /// itself is content with its last run.
    func verdict(_ answers: GateAnswers, hasSettled: Bool) -> GateVerdict {
        for service in [ServiceName.haproxy, cron] {
            guard case .service(let found) = answers.answer(.service(service), of: node) else {
                return .notYet(missing: "\(service) on \(node) \(answers.answer(.service(service), of: node).silence)")
            }
            guard found.run != .running else { continue }
            let words = "\(service) on \(node) is \(found.run.rawValue)\(found.inWords)"
            return found.run == .failed && hasSettled ? .impossible(words) : .notYet(missing: words)
        }
        let run: BridgeRun
        switch answers.answer(Self.lastRun, of: node) {
        case .file(let file):
            guard let read = file.content.flatMap(BridgeRun.init) else {
                return .notYet(missing: "what the bridge on \(node) says of its last run cannot be understood")
            }
            run = read
        case .absent: return .notYet(missing: "the bridge on \(node) has not run yet")
        case let other: return .notYet(missing: "the bridge's last run on \(node): \(other.silence)")
        }
        return verdict(run, answers)
    }

    private func verdict(_ run: BridgeRun, _ answers: GateAnswers) -> GateVerdict {
        guard case .file(let file) = answers.answer(Self.configuration, of: node) else {
            return .notYet(missing: "haproxy.cfg on \(node) \(answers.answer(Self.configuration, of: node).silence)")
        }
        // Above 64 KiB its sections are not seen, and the bridge's own word must do.
        let seen = file.content.map { HAProxyFile($0, header: "") }
        if let seen, run.outcome == .kept || run.outcome == .failed {
            let names = Set(seen.listeners.map(\.name))
            let missing = expected.filter { !names.contains($0.name) }
            let why = run.message.isEmpty ? "without saying why" : run.message
            // A file without HAProxy's own listener is not the bridge's.
            guard missing.isEmpty, seen.ports.contains(port) else {
                let lacking = missing.isEmpty ? "" : "; no listener of \(missing.map(\.name).joined(separator: ", "))"
                return .notYet(
                    missing: "the bridge on \(node) \(run.outcome.rawValue) what was there: \(why)\(lacking)"
                )
            }
        }
        let sockets: [ListeningSocket]
        switch answers.answer(Self.listening, of: node) {
        case .listening(let found): sockets = found
        case let other: return .notYet(missing: "who listens on \(node): \(other.silence)")
        }
        for wanted in Set([port] + (seen?.ports ?? [])).sorted() {
            if let missing = sockets.missing(wanted) { return .notYet(missing: "\(node): \(missing)") }
        }
        return .holds
    }
}

extension [ListeningSocket] {
    /// What keeps HAProxy from serving `port`; nil where it listens there, on whichever address, or nobody can tell who does.
    func missing(_ port: Int) -> String? {
        let found = filter { $0.port == port }
        guard !found.contains(where: { $0.program == nil || $0.program == "haproxy" }) else { return nil }
        guard let other = found.first, let program = other.program else { return "nobody listens on port \(port)" }
        return "port \(port) is held by \(program)\(other.pid.map { " (process \($0))" } ?? "")"
    }
}
