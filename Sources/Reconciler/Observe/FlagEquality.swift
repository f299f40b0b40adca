public import Specs

/// Whether a process that runs with `running` has the flag `name` as declared; nil: it runs without the flag.
///
/// Durations compare by length, switches by meaning (`1` is `true`), whole numbers by value (`2` is `2.0`), newlines at the end
/// do not count. Of `attributes` and `resources` every declared item must be there, in any order: undeclared ones are
/// files nobody declared, which a restart would not take away. A switch that is off by default equals one left out only
/// where it is declared `false` as `disable_…`, which Marathon has no other word for.
public func flagsEqual(_ name: String, declared: Content, running: Content?) -> Bool {
    guard let running else { return name.hasPrefix("disable_") && declared == "false" }
    let (wanted, actual) = (declared.withoutTrailingNewlines, running.withoutTrailingNewlines)
    if wanted == actual { return true }
    guard let left = wanted.plainText, let right = actual.plainText else { return false }
    if ["attributes", "resources"].contains(name) { return Set(items(left)).isSubset(of: Set(items(right))) }
    if let left = MesosDuration(left), let right = MesosDuration(right) { return left == right }
    if let left = truth(left), let right = truth(right) { return left == right }
    if let left = wholeNumber(left), let right = wholeNumber(right) { return left == right }
    return false
}

/// The declared flags that the process does not run with as declared, in the order declared.
///
/// `declared` is what `Service.configuration` holds.
public func differingFlags(
    _ declared: [FlagValue],
    running service: ObservedService
) -> [(flag: FlagValue, running: Content?)] {
    let running = runningFlags(service)
    return declared.compactMap { flag in
        let (name, value) = folded(flag, service.name)
        let actual = running[name]
        return flagsEqual(flag.name, declared: value, running: actual) ? nil : (flag, actual)
    }
}

private func folded(_ flag: FlagValue, _ service: ServiceName) -> (String, Content) {
    let isSwitch = flag.value == "true" || flag.value == "false"
    let folded = service == .marathon ? FlagNames.marathon(flag.name) : FlagNames.mesos(flag.name)
    guard folded.isNegated else { return (folded.name, flag.value) }
    // `disable_http: true` runs as `http` off.
    guard isSwitch else { return (flag.name, flag.value) }
    return (folded.name, flag.value == "true" ? "false" : "true")
}

private func items(_ text: String) -> [String] {
    text.split(separator: ";").map { String($0.filter { !$0.isWhitespace }) }
}

/// stout's parse<bool>.
private func truth(_ text: String) -> Bool? {
    switch text {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
}

/// `2`, `2.0`; not `1.10`, which may be a version.
private func wholeNumber(_ text: String) -> Int? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }) else { return nil }
    return parts.first.flatMap { Int($0) }
}
