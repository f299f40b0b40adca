internal import Reconciler
internal import Specs

/// ssh's own words for why it did not get through (OpenSSH 6 to 10, in the C locale).
enum SSHFailure {
    /// ssh ended with 255 and `errors` on standard error.
    static func error(_ errors: String, node: NodeTarget, command: SSHCommand) -> NodeAccessError {
        let known = signs.first { sign in sign.words.contains { errors.contains($0) } }
        guard let known else {
            let words = lastLine(errors)
            return NodeAccessError(
                .interrupted,
                "\(label(node)): ssh ended early\(words.isEmpty ? "" : " (\(words))"); what was reached is unknown, observe again"
            )
        }
        let line = errors.split(whereSeparator: \.isNewline).last { line in known.words.contains { line.contains($0) } }
        let said = line.map { String($0.prefix(200)) } ?? lastLine(errors)
        return NodeAccessError(
            known.kind,
            "\(label(node)): \(known.fact) (\(said)); \(known.move(command))"
        )
    }

    /// ssh ended with `errors` where it should have let the node connect to a port.
    static func forwarding(_ errors: String, node: NodeTarget, command: SSHCommand) -> ForwardFailure {
        // RFC 4254 5.1: the reasons a server may give, in OpenSSH's words.
        let line = errors.split(whereSeparator: \.isNewline).last { $0.contains("open failed: ") }
        guard let line, let start = line.firstRange(of: "open failed: ") else {
            return .node(error(errors, node: node, command: command))
        }
        let words = String(line[start.upperBound...].prefix(200))
        if words.contains("administratively prohibited") { return .forbidden(words) }
        return words.contains("Connection refused") ? .refused(words) : .unreachable(words)
    }

    static func label(_ node: NodeTarget) -> String {
        let destination = node.ssh.alias?.value ?? node.address
        return node.name.text == destination ? destination : "\(node.name) at \(destination)"
    }

    private struct Sign {
        var kind: NodeAccessError.Kind
        var words: [String]
        var fact: String
        var move: @Sendable (SSHCommand) -> String
    }

    /// In the order in which they are looked for: a changed key also says that verification failed.
    private static let signs: [Sign] = [
        Sign(
            kind: .hostKeyChanged,
            words: ["REMOTE HOST IDENTIFICATION HAS CHANGED", "POSSIBLE DNS SPOOFING"],
            fact: "its host key is not the one known for it",
            move: {
                "if the node was set up anew, remove the old key with `ssh-keygen -R \($0.destination)`, else find out who answers"
            }
        ),
        Sign(
            kind: .hostKeyUnknown,
            words: ["Host key verification failed", "host key is known for", "No host key is known"],
            fact: "its host key is not known here",
            move: {
                "declare `hostKey` in cluster.yaml, or connect once by hand with `ssh \($0.destination)` and check the key"
            }
        ),
        Sign(
            kind: .authentication,
            words: ["Permission denied (", "Too many authentication failures", "No supported authentication methods"],
            fact: "it accepts neither the user nor the key",
            move: { command in
                let user = command.node.ssh.user.map { " of \($0.value)" } ?? ""
                return "put the public key into authorized_keys\(user) there, or load the right one into the agent"
            }
        ),
        Sign(
            kind: .nameNotFound,
            words: ["Could not resolve hostname", "Name or service not known"],
            fact: "its name does not resolve",
            move: { _ in "check `address` in cluster.yaml and the resolver of this machine" }
        ),
        Sign(
            kind: .refused,
            words: ["Connection refused"],
            fact: "it refuses the port",
            move: { _ in "check that sshd runs there, and `ssh.port`" }
        ),
        Sign(
            kind: .timedOut,
            words: ["timed out during banner exchange", "not responding", "Timeout, server", "port 65535 timed out"],
            fact: "it took the connection and did not answer",
            move: { "look at its load and its sshd; the limit was \($0.connectTimeout) s" }
        ),
        Sign(
            kind: .unreachable,
            words: [
                "Connection timed out", "No route to host", "Network is unreachable", "Host is down",
                "Operation timed out",
            ],
            fact: "nobody answers",
            move: { "check that the host is up and the way to it; the limit was \($0.connectTimeout) s" }
        ),
        Sign(
            kind: .protocolViolation,
            words: [
                "Bad configuration option", "Bad owner or permissions", "bad configuration options",
                "too long for Unix domain socket",
            ],
            fact: "ssh cannot use its configuration",
            move: { _ in "mend ssh_config" }
        ),
        Sign(
            kind: .interrupted,
            words: [
                "Connection closed by", "Connection reset by", "Broken pipe", "send disconnect",
                "kex_exchange_identification",
                "Connection to ", "Session open refused",
            ],
            fact: "the connection broke",
            move: { _ in "what was reached is unknown, observe again" }
        ),
    ]
}
