internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    private static let minute = 60_000

    /// When cron runs the bridge next: at full minutes of the node's clock, once cron and its file are there; nil for never.
    var bridgeDue: Moment? {
        let path = BridgeScript.Paths.cron
        guard isUp,
            let cron = services.all.first(where: { ["cron", "crond"].contains($0.definition.name.text) })?.process,
            let file = files.attributes(path), file.kind == .regular, file.mode & 0o022 == 0, file.owner == "root",
            files.read(path)?.hasSuffix("\n") == true
        else { return nil }
        let since = max(cron.started.milliseconds, file.changed / 1_000_000, bridgeRan?.milliseconds ?? 0)
        let next = (since / Self.minute + 1) * Self.minute
        return Moment(milliseconds: next - clockOffsetMilliseconds)
    }

    mutating func runCron(_ now: Moment) {
        guard let due = bridgeDue, due <= now else { return }
        bridgeRan = clock(at: due)
        events.append(.bridge)
    }

    /// HAProxy reads its configuration anew, where it runs: a new worker takes the sockets over.
    mutating func reloadBalancer(at now: Moment) {
        guard services[.haproxy]?.process != nil else { return }
        let path = BridgeScript.Paths.configuration
        let (text, time) = (files.read(path), clock(at: now))
        services[.haproxy]?.process?.readFiles[path] = text
        services[.haproxy]?.process?.reloaded = time
    }

    /// Where it is installed and nothing keeps it from starting.
    mutating func startBalancer(at now: Moment) {
        guard services[.haproxy] != nil, state(of: .haproxy).boot != .masked else { return }
        start(.haproxy, byHand: true, now)
    }

    /// `user = "name:password"` of the bridge's curlrc, as curl sends it.
    var curlLogin: String? {
        let line = (files.read(BridgeScript.Paths.curlrc) ?? "").split(separator: "\n").first {
            $0.hasPrefix("user = \"")
        }
        guard let line else { return nil }
        var plain = ""
        var isEscaped = false
        for character in line.dropFirst("user = \"".count).dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            plain.append(character)
            isEscaped = false
        }
        return "Basic " + Self.base64(Array(plain.utf8))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return stride(from: 0, to: bytes.count, by: 3).map { start -> String in
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = (0..<3).reduce(0) { $0 << 8 | (start + $1 < bytes.count ? Int(bytes[start + $1]) : 0) }
            return (0..<4).map { $0 <= group.count ? String(digits[word >> (18 - 6 * $0) & 63]) : "=" }.joined()
        }.joined()
    }

    var bootSeconds: Int { bootedAt.wholeSeconds }

    /// Old init scripts end well and do nothing while ENABLED is 0 (mesos-zk-ops.md 8.2).
    func launchHAProxy(_ service: LabServiceDefinition) throws(DaemonExit) -> Launched {
        if service.supervisor == .systemV, !platform.usesSystemd {
            let defaults = KeyedText(files.read("/etc/default/haproxy") ?? "", format: .shell)
            guard defaults["ENABLED"]?.plainText != "0" else { throw DaemonExit(status: 0, "") }
        }
        let path = BridgeScript.Paths.configuration
        return Launched(
            commandLine: service.command,
            arguments: Array(service.command.dropFirst()),
            environment: supervisorEnvironment,
            readFiles: files.read(path).map { [path: $0] } ?? [:]
        )
    }

    /// bridge.sh, `bridge_backup`: keeps a haproxy.cfg that the bridge has not made.
    /// - Returns: Words about it, or nothing.
    mutating func backUpForeignBalancer(_ run: RunID, _ now: Moment) throws(Concluded) -> String {
        let path = BridgeScript.Paths.configuration
        guard files.isRegular(path), files.digest(path) != files.digest(BridgeScript.Paths.lastGood) else { return "" }
        return ", the old file is \(try backUp(path, as: path, run, now))"
    }
}
