import Daemons

/// What an agent has launched on its machine.
struct LabContainer: Codable, Sendable {
    var launch: ContainerLaunch
    /// nil while it is being made.
    var startedAt: Moment?
    /// Its end is on the agenda already, so no other one counts.
    var isEnding = false
}

/// What a task's command comes to, as far as the lab understands shells.
struct TaskBehaviour: Hashable, Sendable {
    /// nil for ever.
    var runsMilliseconds: Int?
    var status = 0

    /// Understands `sleep N`, `exit N`, `true` and `false`, joined by `;` or `&&`; anything else runs for ever.
    init(command: String?) {
        guard let command else { return }
        var elapsed = 0
        for part in command.replacing("&&", with: ";").split(separator: ";") {
            let words = part.split(separator: " ").map(String.init)
            switch words.first {
            case "sleep":
                guard words.count == 2, let seconds = Double(words[1]), 0..<1e9 ~= seconds else { return }
                elapsed += Int(seconds * 1000)
            case "true": status = 0
            case "false", "exit":
                status = words.first == "false" ? 1 : words.dropFirst().first.flatMap { Int($0) } ?? 0
                // `false; x` goes on in a shell and `false && x` does not: a task that has `false` in it is meant to fail.
                runsMilliseconds = elapsed
                return
            case nil: continue
            default: return
            }
        }
        runsMilliseconds = elapsed
    }
}
