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
            let lines = (answer["yum"] ?? "").split(separator: "\n").map { $0.split(separator: " ") }
            offered = onceEach(
                lines.filter { $0.count == 3 && $0[0].hasPrefix(name + ".") }.map { rpmVersion(String($0[1])) }
                    .reversed()
            )
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
        }
    }
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
