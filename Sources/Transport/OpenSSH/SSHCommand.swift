internal import Reconciler
internal import Specs

/// The command lines of ssh for one node.
struct SSHCommand: Hashable {
    var options: OpenSSHOptions
    var node: NodeTarget
    /// The control socket of this node's connection.
    var socket: String
    /// Set where a private known_hosts file enrols the node's key: all files to read, ours last.
    var knownHosts: [String] = []

    init(options: OpenSSHOptions, node: NodeTarget, socket: String) {
        self.options = options
        self.node = node
        self.socket = socket
    }

    /// Host alias or address, as ssh is given it.
    var destination: String { node.ssh.alias?.value ?? node.address }

    var connectTimeout: Int { max(1, node.ssh.connectTimeout?.value ?? 10) }

    /// Opens the shared connection and stays behind.
    var connect: [String] {
        common + [
            "-o", "ControlMaster=yes", "-o", "ControlPersist=\(options.persistSeconds)", "-N", "-f", "--", destination,
        ]
    }

    /// One session over it, in which a shell reads the script.
    ///
    /// Without a master it connects by itself.
    var visit: [String] {
        common + ["-o", "ControlMaster=no", "-T", "--", destination, become == .sudo ? "sudo -n sh -s" : "sh -s"]
    }

    /// One session over it that runs `command`, its standard input and output as they are.
    func session(_ command: String) -> [String] {
        common + ["-o", "ControlMaster=no", "-T", "--", destination, command]
    }

    /// Takes no further visits into the shared connection, which ends with those it has (ssh(1), `-O stop`).
    var stop: [String] { common + ["-O", "stop", "--", destination] }

    /// Closes the shared connection.
    var close: [String] { common + ["-O", "exit", "--", destination] }

    /// Prints what ssh_config says of the node.
    var resolved: [String] { base + ["-G", "--", destination] }

    var become: SSHSpec.Become { node.ssh.become?.value ?? .none }

    private var base: [String] {
        var words = options.configFile.map { ["-F", $0] } ?? []
        if let user = node.ssh.user?.value { words += ["-l", user] }
        if let port = node.ssh.port?.value { words += ["-p", String(port)] }
        if let identity = node.ssh.identityFile?.value { words += ["-i", identity, "-o", "IdentitiesOnly=yes"] }
        return words
    }

    /// Nothing that asks, nothing that writes to the user's files, nothing of ssh_config that would get in the way of a
    /// plain exec.
    var common: [String] {
        var settings = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ConnectTimeout=\(connectTimeout)",
            "ServerAliveInterval=5", "ServerAliveCountMax=3", "ControlPath=\(socket)", "LogLevel=ERROR",
            "ClearAllForwardings=yes", "ForwardX11=no", "PermitLocalCommand=no", "RemoteCommand=none", "RequestTTY=no",
        ]
        if !knownHosts.isEmpty {
            settings.append("UserKnownHostsFile=" + knownHosts.map { "\"\($0)\"" }.joined(separator: " "))
        }
        return base + settings.flatMap { ["-o", $0] }
    }
}

/// What `ssh -G` prints: one `keyword value` a line, keywords in lower case.
struct SSHResolvedConfig: Hashable {
    private var values: [Substring: Substring]

    init(_ text: String) {
        let pairs = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        values = Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
    }

    /// The name that ssh looks up in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
    func knownHostsName(destination: String) -> String {
        if let alias = values["hostkeyalias"], alias != "none" { return String(alias) }
        let host = (values["hostname"].map(String.init) ?? destination).lowercased()
        let port = values["port"] ?? "22"
        return port == "22" ? host : "[\(host)]:\(port)"
    }

    var userKnownHosts: [String] {
        (values["userknownhostsfile"] ?? "").split(separator: " ").map(String.init).filter { $0 != "none" }
    }
}
