internal import Reconciler
internal import Specs

extension ServiceAnswer {
    init?(_ name: ServiceName, _ answer: ScriptAnswer) {
        guard let boot = answer["boot"].flatMap(Boot.init), let run = answer["run"].flatMap(Run.init),
            let copies = answer.copies
        else { return nil }
        let pid = answer["pid"].flatMap { Int($0) }
        if pid != nil {
            guard answer["started"].flatMap({ Int($0) }) != nil, answer.decoded("arguments") != nil,
                answer.decoded("environment") != nil
            else { return nil }
        }
        self.init(
            name: name,
            boot: boot,
            run: run,
            pid: pid,
            started: answer["started"].flatMap { Int($0) },
            restarts: answer["restarts"].flatMap { Int($0) },
            arguments: terminatedByNUL(answer.decoded("arguments") ?? []),
            environment: terminatedByNUL(answer.decoded("environment") ?? []),
            copies: copies,
            detail: answer["detail"] ?? ""
        )
    }
}

extension ScriptAnswer {
    /// Pairs of `copy` and `text`; a copy that is no text is left out.
    fileprivate var copies: [RunningCopy]? {
        var copies: [RunningCopy] = []
        var path: String?
        for field in fields {
            if field.name == "copy" { path = field.text }
            guard field.name == "text", let copied = path else { continue }
            guard let bytes = base64Decoded(field.value) else { return nil }
            if let content = String(validating: bytes, as: UTF8.self) {
                copies.append(RunningCopy(path: copied, content: content))
            }
            path = nil
        }
        return copies.sorted { $0.path < $1.path }
    }
}

/// The strings of `/proc/PID/cmdline` or `environ`: each ends with a NUL, and may be empty.
private func terminatedByNUL(_ bytes: [UInt8]) -> [String] {
    var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    if parts.last?.isEmpty ?? false { parts.removeLast() }
    return parts.map { String(decoding: $0, as: UTF8.self) }
}
