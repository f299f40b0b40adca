/// Agents wait long enough for an image to be pulled, and Marathon waits as long as they do (mesos-zk-ops.md 4.3).
enum LaunchTimeoutRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let agents = draft.spec.nodes(with: .mesosAgent).filter { node in
            draft.spec.containerizers(on: node)?.value.contains("docker") == true
        }
        let names = draft.spec.nodes(with: .mesosAgent).flatMap { node in notDurations(node) }
        let waits = Set(agents.compactMap { wait(on: $0, draft.spec) })
        guard !draft.isFaulty("mesos.agent.executor_registration_timeout") else { return names }
        return names + waits.flatMap { pulls($0, draft) } + waits.flatMap { marathons($0, draft) }
    }

    private struct Wait: Hashable {
        let duration: MesosDuration
        let isDeclared: Bool
        let place: SourcePosition
    }

    /// A node's own timeout is a flag, which the reader does not type.
    private static func notDurations(_ node: NodeSpec) -> [Diagnostic] {
        guard let flag = node.flag("executor_registration_timeout", of: .mesosAgent),
            let text = flag.value.value.plainText, MesosDuration(text) == nil
        else { return [] }
        let message = "`\(text.abbreviated)` is no duration"
        return [Diagnostic(.error, message, at: flag.value.position, hint: MesosDuration.hint(for: text))]
    }

    private static func wait(on node: NodeSpec, _ spec: ClusterSpec) -> Wait? {
        if let declared = spec.executorRegistrationTimeout(on: node) {
            return MesosDuration(declared.value).map { Wait(duration: $0, isDeclared: true, place: declared.position) }
        }
        return spec.containerizers(on: node).map {
            Wait(duration: .minutes(1), isDeclared: false, place: $0.position)
        }
    }

    private static func pulls(_ wait: Wait, _ draft: SpecDraft) -> [Diagnostic] {
        let images = draft.apps.apps.compactMap { $0.container?.usesDocker == true ? $0.container?.image : nil }
        guard !images.isEmpty, wait.duration < .minutes(5) else { return [] }
        let declared = DeclaredImages(draft.spec)
        let pulled = images.first { !declared.cover(ImageName($0.value)) }
        let subject =
            wait.isDeclared ? "`executor_registration_timeout`" : "`executor_registration_timeout` is not declared:"
        let message =
            if let pulled {
                "\(subject) \(wait.duration) may not outlast the pull of `\(pulled.value)` (\(pulled.position))"
            } else {
                "\(subject) \(wait.duration) is short for Docker tasks"
            }
        return [Diagnostic(pulled == nil ? .warning : .error, message, at: wait.place, hint: "use 5mins or more")]
    }

    private static func marathons(_ wait: Wait, _ draft: SpecDraft) -> [Diagnostic] {
        guard draft.spec.marathon != nil, wait.isDeclared else { return [] }
        let common = draft.spec.flagLayers(of: .marathon, on: nil).joined().last {
            $0.name.value == "task_launch_timeout"
        }
        let own = draft.spec.nodes(with: .marathon).compactMap { $0.flag("task_launch_timeout", of: .marathon) }
        let flags = (common.map { [$0] } ?? []) + own
        if flags.isEmpty { return shortDefault(wait, draft) }
        return flags.compactMap { flag in
            guard let text = flag.value.value.plainText else { return nil }
            let hint = "`executor_registration_timeout` is \(wait.duration) (\(wait.place))"
            guard let milliseconds = Int64(text), milliseconds > 0 else {
                let message = "`task_launch_timeout` is a number of milliseconds, not `\(text.abbreviated)`"
                return Diagnostic(.error, message, at: flag.value.position)
            }
            guard milliseconds < wait.duration.nanoseconds / 1_000_000 else { return nil }
            let message = "Marathon gives a launch up after \(text) ms, before the agent does"
            return Diagnostic(.error, message, at: flag.value.position, hint: hint)
        }
    }

    /// Marathon 0.7 waits one minute where nothing is said (marathon-api.md 7.2).
    private static func shortDefault(_ wait: Wait, _ draft: SpecDraft) -> [Diagnostic] {
        guard let pin = draft.spec.versions.marathon, let version = DottedVersion(pin.value),
            version < DottedVersion(0, 8), wait.duration > .minutes(1)
        else { return [] }
        let milliseconds = wait.duration.nanoseconds / 1_000_000
        let message = "Marathon \(pin.value) gives a launch up after 60000 ms, before the agent does"
        let hint = "set `marathon.flags.task_launch_timeout` to \(milliseconds)"
        return [Diagnostic(.warning, message, at: wait.place, hint: hint)]
    }
}
