internal import Daemons
internal import Reconciler
internal import Specs

/// What the script finds out about a service (services.sh, `service_state`).
struct ServiceState {
    var boot = ServiceAnswer.Boot.unknown
    var run = ServiceAnswer.Run.unknown
    var main: LabProcess?
    var restarts: Int?
    var detail = ""
    /// Why nothing could be found out.
    var why: String?
    var isSystemV = false
    /// systemd's LoadState and ActiveState.
    var load = ""
    var active = ""
}

extension LabNode {
    /// services.sh, `fact_service`.
    func serviceAnswer(_ name: ServiceName) throws(Unknown) -> ServiceAnswer {
        let state = state(of: name)
        if let why = state.why { throw Unknown(why) }
        var answer = ServiceAnswer(name: name, boot: state.boot, run: state.run, restarts: state.restarts)
        answer.detail = state.detail
        if let process = state.main {
            answer.pid = process.pid
            answer.started = process.started.wholeSeconds
            answer.arguments = process.commandLine
            answer.environment = process.environment.sorted { $0.key < $1.key }
                .filter { variable in
                    ["MESOS_", "MARATHON_", "LIBPROCESS_"].contains { variable.key.hasPrefix($0) }
                }.map { "\($0.key)=\($0.value)" }
            answer.copies = keptCopies(of: name, process)
        } else if state.run == .running {
            answer.detail += ", its main process cannot be told"
        }
        return answer
    }

    func state(of name: ServiceName) -> ServiceState {
        platform.usesSystemd ? systemdState(name) : upstartState(name)
    }

    func unit(_ name: ServiceName) -> String {
        let kinds = [".service", ".socket", ".timer", ".path", ".mount", ".target"]
        return kinds.contains { name.text.hasSuffix($0) } ? name.text : name.text + ".service"
    }

    /// Whether its mask stands, also where there is no such unit.
    func isMasked(_ name: ServiceName) -> Bool {
        files.linkTarget("/etc/systemd/system/\(unit(name))") == "/dev/null"
    }
}

// MARK: - systemd

extension LabNode {
    private func systemdState(_ name: ServiceName) -> ServiceState {
        var state = ServiceState()
        let service = supervised(name)
        let isMasked = isMasked(name)
        state.load = isMasked ? "masked" : service == nil ? "not-found" : "loaded"
        state.isSystemV = service?.definition.supervisor == .systemV && !isMasked
        if platform.countsRestarts { state.restarts = service?.restarts ?? 0 }
        var sub = "dead"
        (state.active, sub) = activity(service)
        state.detail = "\(state.active) (\(sub))"
        state.boot = isMasked ? .masked : service == nil ? .none : systemdBoot(name, state.isSystemV)
        if !isMasked, service?.definition.isStatic == true {
            state.boot = .off
            state.detail += ", static"
        }
        switch state.active {
        case "active": state.run = .running
        case "failed":
            state.run = .failed
            state.detail = "failed (Result: exit-code)"
        case "activating": state.run = .restarting
        default: state.run = .stopped
        }
        guard state.run == .running else { return state }
        // The only process of the control group is the main one, named or not.
        state.main = service?.process
        if state.isSystemV, state.main == nil {
            state.run = .stopped
            state.detail += ", no process is left"
        }
        return state
    }

    /// ActiveState and SubState; a wrapped script counts as running while its control group holds a process.
    private func activity(_ service: LabService?) -> (active: String, sub: String) {
        switch service?.phase {
        case .running: ("active", "running")
        case .exited: ("active", "exited")
        case .restarting: ("activating", "auto-restart")
        case .failed: ("failed", "failed")
        case .stopped, nil: ("inactive", "dead")
        }
    }

    /// Of a generated unit what boot does is said by the links alone.
    func systemdBoot(_ name: ServiceName, _ isSystemV: Bool) -> ServiceAnswer.Boot {
        isSystemV ? startLinks(of: name).isEmpty ? .off : .on : isEnabled(name) ? .on : .off
    }

    func isEnabled(_ name: ServiceName) -> Bool {
        files.attributes(wantsLink(name), followingLinks: false) != nil
    }

    /// What `systemctl enable` makes for a service of multi-user.target.
    func wantsLink(_ name: ServiceName) -> String {
        "/etc/systemd/system/multi-user.target.wants/\(unit(name))"
    }

    /// `/etc/rc2.d/S01NAME` and its like.
    func startLinks(of name: ServiceName) -> [String] { runLevelLinks(of: name, "S") }

    func runLevelLinks(of name: ServiceName, _ kind: Character) -> [String] {
        ["2", "3", "4", "5"].flatMap { level in
            files.glob("/etc/rc\(level).d").filter { link in
                link.first == kind && link.dropFirst(3) == name.text
                    && link.dropFirst().prefix(2).allSatisfy { $0.isNumber }
            }.map { "/etc/rc\(level).d/\($0)" }
        }
    }
}

// MARK: - upstart

extension LabNode {
    private func upstartState(_ name: ServiceName) -> ServiceState {
        var state = ServiceState()
        let (conf, override) = (files.read("/etc/init/\(name).conf"), files.read("/etc/init/\(name).override"))
        let isHeld = override.map { lastBootStanza($0) == .manual } ?? false
        guard let conf, let service = supervised(name), service.definition.supervisor == .upstart else {
            if files.exists("/etc/init.d/\(name)") {
                return scriptState(name)
            }
            state.run = .stopped
            state.boot = isHeld ? .masked : .none
            state.detail = "unknown job"
            return state
        }
        if let process = service.process {
            state.main = process
            state.run = .running
            state.detail = "start/running, process \(process.pid)"
        } else {
            state.run = .stopped
            state.detail = "stop/waiting"
        }
        let startsByOverride = override.map(hasStartStanza) ?? false
        let starts = startsByOverride || (hasStartStanza(conf) && lastBootStanza(conf) != .manual)
        state.boot = !isHeld && starts ? .on : .off
        return state
    }

    private enum BootStanza { case manual, start }

    /// The last of `manual` and `start on` in an upstart file (services.sh, `manual`).
    private func lastBootStanza(_ text: String) -> BootStanza? {
        text.split(separator: "\n").compactMap { line -> BootStanza? in
            let words = line.split { $0 == " " || $0 == "\t" }
            if isManual(line) { return .manual }
            return words.count > 1 && words[0] == "start" && words[1].hasPrefix("on") ? .start : nil
        }.last
    }

    private func hasStartStanza(_ text: String) -> Bool {
        text.split(separator: "\n").contains { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 && words[0] == "start" && words[1].hasPrefix("on")
        }
    }
}

/// Whether a line is `manual`, perhaps with a comment behind it.
func isManual(_ line: some StringProtocol) -> Bool {
    let rest = line.drop { $0 == " " || $0 == "\t" }
    guard rest.hasPrefix("manual") else { return false }
    let after = rest.dropFirst("manual".count).drop { $0 == " " || $0 == "\t" }
    return after.isEmpty || after.hasPrefix("#")
}
