internal import Reconciler

/// Why a script that reached a node gave no whole answer.
enum ScriptFailure {
    static func error(for fault: TranscriptFault, printed: Visit.Printed) -> NodeAccessError {
        let words = lastLine(printed.errors)
        if let privilege = privilege(printed.errors) { return privilege }
        if printed.errors.contains("No space left on device") {
            return NodeAccessError(.diskFull, "the node's disk is full (\(words)); make room there and run again")
        }
        switch fault {
        case .cutOff:
            return NodeAccessError(
                .interrupted,
                "the answer broke off (\(printed.ending)\(words.isEmpty ? "" : ": \(words)")); what was reached is unknown, observe again"
            )
        case .notBegun(let noise):
            let said = lastLine(words.isEmpty ? noise : printed.errors)
            return NodeAccessError(
                .protocolViolation,
                "the script was not started (\(printed.ending)\(said.isEmpty ? "" : ": \(said)")); "
                    + "can the user run `sh -s` there without a terminal?"
            )
        case .malformed(let line):
            return NodeAccessError(.protocolViolation, "the answer is not in the script's form near `\(line)`")
        }
    }

    /// sudo's refusals, in its own words (sudo(8), of 1.8 and 1.9).
    private static func privilege(_ errors: String) -> NodeAccessError? {
        let lines = errors.split(whereSeparator: \.isNewline).filter { $0.contains("sudo") || $0.contains("sudoers") }
        func said(_ words: String...) -> Substring? { lines.first { line in words.contains { line.contains($0) } } }
        if let line = said("a password is required", "no tty present", "a terminal is required") {
            return NodeAccessError(
                .privilege,
                "sudo wants a password (\(line)); give the user a NOPASSWD rule, or connect as root with `become: none`"
            )
        }
        if let line = said("not in the sudoers file", "not allowed to", "may not run sudo") {
            return NodeAccessError(.privilege, "sudo refuses the user (\(line)); give it a NOPASSWD rule for a shell")
        }
        if let line = said("must have a tty") {
            return NodeAccessError(
                .privilege,
                "sudo insists on a terminal (\(line)); add `Defaults:USER !requiretty` to sudoers"
            )
        }
        if let line = said("command not found", "sudo: not found", "unknown command") {
            return NodeAccessError(
                .privilege,
                "there is no sudo on the node (\(line)); install it, or use `become: none` as root"
            )
        }
        return nil
    }
}

/// The last line of `text` that says something.
func lastLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? ""
}
