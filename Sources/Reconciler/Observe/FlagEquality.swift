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
/// `declared` is what `Service.configuration` holds. A flag is as declared when the daemon reports it so, by default even, or
/// when the process was started with it so: a daemon reports some values in a form of its own (`acls`, sizes, `file://`), and
/// a restart would but give it the same command line again.
public func differingFlags(
    _ declared: [FlagValue],
    running service: ObservedService
) -> [(flag: FlagValue, running: Content?)] {
    let (running, start) = (runningFlags(service), startFlags(service))
    return declared.compactMap { flag in
        let (name, value) = folded(flag, service.name)
        let isAsDeclared = [running[name], start[name]].contains { flagsEqual(flag.name, declared: value, running: $0) }
        return isAsDeclared ? nil : (flag, running[name])
    }
}

/// The flags that the process was started with otherwise than it reports them, by folded name.
///
/// Then somebody else may answer at its port. Values that a daemon reports in a form of its own are passed over.
public func contradictoryFlags(_ service: ObservedService) -> [(name: String, start: Content, reported: Content)] {
    guard let reported = service.reportedFlags else { return [] }
    return startFlags(service).sorted { $0.key < $1.key }.compactMap { name, start in
        guard let text = start.plainText, !isRewritten(text), let other = reported[name] else { return nil }
        guard let told = other.plainText, !isRewritten(told) else { return nil }
        return flagsEqual(name, declared: start, running: other) ? nil : (name, start, other)
    }
}

/// JSON, the content of a file, or an amount of bytes.
private func isRewritten(_ value: String) -> Bool {
    if ["{", "[", "file://"].contains(where: value.hasPrefix) { return true }
    let unit = value.drop { $0.isASCII && ($0.isNumber || $0 == ".") }
    let isAmount = unit.count < value.count && ["B", "KB", "MB", "GB", "TB"].contains(unit)
    return isAmount || (unit.isEmpty && value.contains("."))
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
