internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    private static let leaseFile = StatePath.state + "/lease"
    private static let appliedFile = StatePath.state + "/applied"

    /// records.sh, `act_lease`; expiry is by the node's own clock.
    mutating func actOnLease(_ act: LeaseAct, _ run: RunID, _ now: Moment) throws(Concluded) {
        try stateDirectory(now)
        let text = withoutTrailingNewlines(files.read(Self.leaseFile) ?? "")
        let seconds = clock(at: now).wholeSeconds
        switch act {
        case .acquire(let holder, let length): try acquire(holder, length, text, seconds, run, now)
        case .renew(let token, let length):
            let holder = value("token", in: text)
            guard !holder.isEmpty else { throw .conflict("no lease") }
            guard holder == token else { throw .conflict(text) }
            let kept = text.ranges(of: "\nexpires=").last.map { String(text[..<$0.lowerBound]) } ?? text
            try put(Self.leaseFile, "\(kept)\nexpires=\(seconds + length)", run, now)
            throw .done("expires=\(seconds + length)")
        case .release(let token):
            guard files.exists(Self.leaseFile) else { throw .already }
            guard value("token", in: text) == token else { throw .conflict(text) }
            files.remove(Self.leaseFile, at: clock(at: now))
            throw .changed
        }
    }

    private mutating func acquire(
        _ holder: LeaseHolder,
        _ length: Int,
        _ text: String,
        _ seconds: Int,
        _ run: RunID,
        _ now: Moment
    ) throws(Concluded) {
        var since = String(seconds)
        if files.exists(Self.leaseFile) {
            let expires = value("expires", in: text)
            guard !expires.isEmpty, expires.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let end = Int(expires) else {
                throw .conflict("a lease that cannot be read: \(text)")
            }
            if value("token", in: text) == holder.token {
                let earlier = value("since", in: text)
                if !earlier.isEmpty { since = earlier }
            } else if end > seconds {
                throw .conflict(text)
            }
        }
        let lines = [
            "token=\(holder.token)", "user=\(Argument.line(holder.user))", "host=\(Argument.line(holder.host))",
            "pid=\(holder.pid)", "command=\(Argument.line(holder.command))", "since=\(since)",
            "expires=\(seconds + length)",
        ]
        try put(Self.leaseFile, lines.joined(separator: "\n"), run, now)
        throw .done("expires=\(seconds + length)")
    }

    /// records.sh, `act_record`: entries of the same resources are replaced.
    mutating func record(_ entries: [AppliedEntry], _ run: RunID, _ now: Moment) throws(Concluded) {
        try stateDirectory(now)
        let seconds = clock(at: now).wholeSeconds
        let tail = "\t\(run)\t\(seconds)"
        let lines = entries.isEmpty ? [""] : entries.map { "\($0.resource)\t\($0.digest)\t\($0.revision)" }
        let replaced = Set(entries.map(\.resource))
        let kept = (files.read(Self.appliedFile) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in !replaced.contains(String(line.prefix { $0 != "\t" })) }
        let old = withoutTrailingNewlines(kept.joined(separator: "\n"))
        let text = ((old.isEmpty ? [] : [old]) + lines.map { $0 + tail }).joined(separator: "\n")
        try put(Self.appliedFile, text, run, now)
        throw .changed
    }

    mutating func stateDirectory(_ now: Moment) throws(Concluded) {
        try makeDirectory(StatePath.state, now)
        let lock = StatePath.state + "/lock"
        if !files.exists(lock) { files.write(lock, "", at: clock(at: now)) }
    }

    /// records.sh, `put_record`: atomically.
    private mutating func put(_ file: String, _ text: String, _ run: RunID, _ now: Moment) throws(Concluded) {
        let bytes = text.utf8.count + 1
        guard FileTree.blocks(bytes) <= freeBytes else {
            let temporary = "\(StatePath.state)/.reconciler-\(run)-\(nextPID)"
            throw failedWords(file, "dd: error writing '\(temporary)': No space left on device")
        }
        files.write(file, text + "\n", mode: 0o644, owner: "root", group: "root", at: clock(at: now))
    }

    /// What follows `KEY=` at the start of a line.
    private func value(_ key: String, in text: String) -> String {
        text.split(separator: "\n").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) } ?? ""
    }
}

/// What `$(…)` leaves of a text.
func withoutTrailingNewlines(_ text: String) -> String {
    var rest = text.unicodeScalars[...]
    while rest.last == "\n" { rest.removeLast() }
    return String(rest)
}
