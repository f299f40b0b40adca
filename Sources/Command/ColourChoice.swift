internal import ArgumentParser

/// `--color`.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// NO_COLOR (not empty) goes before CLICOLOR_FORCE (not 0), both before TERM=dumb and the terminal.
    func isOn(_ isTerminal: Bool, environment: (String) -> String?) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            if environment("NO_COLOR")?.isEmpty == false { return false }
            if let forced = environment("CLICOLOR_FORCE"), !forced.isEmpty, forced != "0" { return true }
            return isTerminal && environment("TERM") != "dumb"
        }
    }
}
