public import Specs

/// The flags a process really runs with, by folded name (`FlagNames`); switches are `true` or `false`.
///
/// Those it reports of itself (REST), which are in force, defaults included; of what it does not report, those it was
/// started with.
public func runningFlags(_ service: ObservedService) -> [String: Content] {
    startFlags(service).merging(service.reportedFlags ?? [:]) { $1 }
}

/// The flags a process was started with, by folded name; switches are `true` or `false`.
///
/// Mesos daemons have them on the command line, the rest in `MESOS_…` variables, which the command line overrides
/// (mesos-zk-ops.md 1.3). Marathon has them on the command line (up to 1.3), as `MARATHON_CMD_…` (1.4) or as `MARATHON_…`
/// (from 1.5), the former before the latter (marathon-api.md 7.1). Empty for other services and where nothing runs.
public func startFlags(_ service: ObservedService) -> [String: Content] {
    switch service.name {
    case .mesosMaster, .mesosAgent: mesosFlags(service)
    case .marathon: marathonFlags(service)
    default: [:]
    }
}

private func mesosFlags(_ service: ObservedService) -> [String: Content] {
    var flags: [String: Content] = [:]
    for (name, value) in service.environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("MESOS_") {
        let folded = FlagNames.mesos(name.dropFirst("MESOS_".count).lowercased())
        flags[folded.name] = value
    }
    for argument in service.arguments.dropFirst() {
        guard let option = Option(argument) else { continue }
        let folded = FlagNames.mesos(option.name)
        flags[folded.name] = option.value ?? (folded.isNegated ? "false" : "true")
    }
    return flags
}

private func marathonFlags(_ service: ObservedService) -> [String: Content] {
    var flags: [String: Content] = [:]
    func set(_ spelling: String, _ value: Content?) {
        let folded = FlagNames.marathon(spelling)
        // `disable_x` with a value is a flag of its own; without one it switches x off.
        if let value, value != "" {
            flags[spelling] = value
        } else {
            flags[folded.name] = folded.isNegated ? "false" : "true"
        }
    }
    let variables = service.environment.sorted { $0.key < $1.key }
    for prefix in ["MARATHON_", "MARATHON_CMD_"] {
        for (name, value) in variables where name.hasPrefix(prefix) && !name.hasPrefix("MARATHON_APP") {
            if prefix == "MARATHON_", name.hasPrefix("MARATHON_CMD_") { continue }
            set(name.dropFirst(prefix.count).lowercased(), value)
        }
    }
    let arguments = programArguments(service.arguments)
    for (index, argument) in arguments.enumerated() {
        guard let option = Option(argument) else { continue }
        let next = index + 1 < arguments.count ? arguments[index + 1] : nil
        let isNextAValue = next.map { Option($0) == nil } ?? false
        set(option.name, option.value ?? (isNextAValue ? next : nil))
    }
    return flags
}

/// What follows the main class or the jar: options before it are the virtual machine's.
private func programArguments(_ arguments: [Content]) -> [Content] {
    let texts = arguments.map(\.shown)
    let main = texts.firstIndex { $0.hasPrefix("mesosphere.marathon.") }
    let jar = texts.firstIndex(of: "-jar").map { $0 + 1 }
    return Array(arguments.dropFirst((main ?? jar ?? 0) + 1))
}

/// `--name` or `--name=value`.
private struct Option {
    var name: String
    var value: Content?

    init?(_ argument: Content) {
        guard case .literal(let head)? = argument.segments.first, head.hasPrefix("--"), head.count > 2 else {
            return nil
        }
        let body = head.dropFirst(2)
        guard let equals = body.firstIndex(of: "=") else {
            name = String(body)
            return
        }
        name = String(body[..<equals])
        let first = Content(String(body[body.index(after: equals)...]))
        value = first + Content(Array(argument.segments.dropFirst()))
    }
}
