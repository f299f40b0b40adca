internal import Reconciler

extension PackageAnswer {
    /// From `dpkg-query` and `apt-cache`, or `rpm` and `yum`.
    init?(_ name: String, _ answer: ScriptAnswer) {
        self.init(name: name)
        if let words = answer["dpkg"] {
            read(dpkg: words)
            offered = onceEach((answer["offered"] ?? "").split(separator: "\n").map(trimmed).filter { $0 != "(none)" })
        } else if answer["rpm"] != nil || answer["yum"] != nil {
            installed = answer["rpm"]?.split(separator: "\n").last.map { rpmVersion(String($0)) }
            // `NAME.ARCH  VERSION-RELEASE  REPOSITORY`, oldest first.
            let rows = unwrapped(answer["yum"] ?? "").filter { $0.count == 3 && packageName($0[0]) == name }
            offered = onceEach(rows.map { rpmVersion(String($0[1])) }.reversed())
            isHeld = (answer["locks"] ?? "").split(separator: "\n").contains { lockedName($0) == name }
            cannotHold = answer["unlockable"]
        } else {
            return nil
        }
    }

    /// `WANT FLAG STATUS|VERSION`, one line an architecture (dpkg-query(1)).
    private mutating func read(dpkg words: String) {
        for line in words.split(separator: "\n") {
            let parts = line.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            let state = parts[0].split(separator: " ")
            guard parts.count == 2, state.count == 3, installed == nil else { continue }
            switch state[2] {
            case "not-installed", "config-files": continue
            case "installed" where state[1] == "ok": break
            default: trouble = state.dropFirst(state[1] == "ok" ? 2 : 1).joined(separator: " ")
            }
            installed = String(parts[1])
            isHeld = state[0] == "hold"
        }
    }
}

/// The rows of `yum list`: where a name is long, yum goes on in lines that begin with spaces.
private func unwrapped(_ text: String) -> [[Substring]] {
    text.split(separator: "\n").reduce(into: []) { rows, line in
        let words = line.split(separator: " ")
        if line.first == " ", !rows.isEmpty {
            rows[rows.count - 1] += words
        } else {
            rows.append(words)
        }
    }
}

/// `mesos` of `mesos.x86_64`.
private func packageName(_ text: Substring) -> Substring {
    text.lastIndex(of: ".").map { text[..<$0] } ?? text
}

/// The package in a line of `versionlock list`: `0:mesos-1.4.3-2.0.1.*`, of dnf `mesos-0:1.4.3-2.0.1.*`.
private func lockedName(_ line: Substring) -> String? {
    let parts = line.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 2, !line.contains(" ") else { return nil }
    let name = parts.dropLast(2).joined(separator: "-")
    if parts[parts.count - 2].contains(":") { return name }
    guard let colon = name.firstIndex(of: ":"), name[..<colon].allSatisfy(\.isNumber) else { return nil }
    return String(name[name.index(after: colon)...])
}

/// Without an epoch that is none or 0, as `yum list` prints it.
private func rpmVersion(_ text: String) -> String {
    for prefix in ["(none):", "0:"] where text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
    return text
}

private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}

private func onceEach(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { !$0.isEmpty && seen.insert($0).inserted }
}
