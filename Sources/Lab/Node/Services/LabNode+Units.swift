internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// Acts of the init systems (units.sh); what counts is the state afterwards.
    mutating func actOnService(_ act: ServiceAct, _ now: Moment) throws(Concluded) {
        adopt(act.service)
        switch act {
        case .maskUnit(let name): try mask(name, now)
        case .unmaskUnit(let name): try unmask(name, now)
        case .enableUnit(let name): try enable(name, now)
        case .disableUnit(let name): try disable(name, now)
        case .startUnit(let name): try startUnit(name, now)
        case .stopUnit(let name): try stopUnit(name, now)
        case .restartUnit(let name, let pid): try restartUnit(name, pid, now)
        case .holdJob(let name): try holdJob(name, now)
        case .releaseJob(let name): try releaseJob(name, now)
        case .startJob(let name): try startJob(name, now)
        case .stopJob(let name): try stopJob(name, now)
        case .restartJob(let name, let pid): try restartJob(name, pid, now)
        case .reloadUnit(let name), .reloadJob(let name): try reload(name, now)
        }
    }

    /// Nothing that a service of the lab reads at a reload is modelled: it stays the process that it is.
    private mutating func reload(_ name: ServiceName, _ now: Moment) throws(Concluded) -> Never {
        let state = try known(name)
        guard state.run == .running else {
            throw .failed("\(name): \(state.run.rawValue), so there is nothing to reload")
        }
        if let process = state.main { try noteReload(of: name, process, now) }
        if name == .haproxy { reloadBalancer(at: now) }
        throw .done("process \(state.main.map { String($0.pid) } ?? "unknown")")
    }

    /// The state, or the action failed.
    private func known(_ name: ServiceName) throws(Concluded) -> ServiceState {
        let state = state(of: name)
        if let why = state.why { throw .failed(why) }
        return state
    }

    /// units.sh, `same_process`: a restart is for the process that was looked at.
    private func expect(_ pid: Int?, _ name: ServiceName, _ state: ServiceState) throws(Concluded) {
        guard let pid, state.main?.pid != pid else { return }
        let process = state.main.map { "process \($0.pid)" } ?? "no process that can be told"
        throw .conflict("\(name): \(state.run.rawValue) with \(process)")
    }

    /// units.sh, `report_running`.
    private func report(
        _ name: ServiceName,
        _ old: Int?,
        _ what: String,
        said: String = ""
    ) throws(Concluded) -> Never {
        let state = try known(name)
        guard state.run == .running else {
            let words = said.isEmpty ? "" : ": \(lastLine(said))"
            throw .failed("\(what) left \(name) \(state.run.rawValue), \(state.detail)\(words)")
        }
        if let old, state.main?.pid == old { throw .failed("\(what) had no effect: process \(old) is still there") }
        throw .done("process \(state.main.map { String($0.pid) } ?? "unknown")")
    }
}

// MARK: - systemd

extension LabNode {
    private mutating func mask(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        guard !isMasked(name) else { throw .already }
        let file = "/etc/systemd/system/\(unit(name))"
        if files.attributes(file, followingLinks: false) != nil {
            throw .failed("systemctl mask \(unit(name)): Failed to mask unit: File \(file) already exists.")
        }
        files.link(file, to: "/dev/null", at: clock(at: now))
        throw .changed
    }

    private mutating func unmask(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        guard isMasked(name) else { throw .already }
        files.remove("/etc/systemd/system/\(unit(name))", at: clock(at: now))
        throw .changed
    }

    private mutating func enable(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        switch state.boot {
        case .on: throw .already
        case .none: throw .failed("\(name): there is no such unit; is its package installed?")
        case .masked: throw .failed("\(name): masked; unmask it first")
        case .off, .unknown: break
        }
        guard services[name]?.definition.isStatic != true else {
            throw .failed("systemctl enable \(unit(name)) left it off: no words")
        }
        setBoot(name, true, now)
        throw .changed
    }

    private mutating func disable(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        let boot = try known(name).boot
        if boot == .off || boot == .none { throw .already }
        setBoot(name, false, now)
        // Behind a mask what boot would do cannot be read; the mask keeps it off.
        throw boot == .masked ? .already : .changed
    }

    /// `systemctl enable` and `disable`; those of a script go to `update-rc.d`, which renames its links.
    mutating func setBoot(_ name: ServiceName, _ isOn: Bool, _ now: Moment) {
        guard let service = services[name] else { return }
        let time = clock(at: now)
        if service.definition.supervisor == .systemV {
            for link in runLevelLinks(of: name, isOn ? "K" : "S") {
                let (directory, file) = FileTree.parted(link)
                files.rename(link, to: "\(directory)/\(isOn ? "S" : "K")\(file.dropFirst())", at: time)
            }
        } else if isOn {
            let own = services[name]?.definition.unitFile
            files.link(wantsLink(name), to: own ?? "\(platform.unitDirectory)/\(unit(name))", at: time)
        } else {
            files.remove(wantsLink(name), at: time)
        }
    }

    private mutating func startUnit(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        guard state.run != .running else { throw .already }
        try refuse(name, state)
        start(name, byHand: true, now)
        try report(name, nil, "systemctl start \(unit(name))")
    }

    private mutating func stopUnit(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        if state.run == .stopped || state.run == .failed, state.active != "active" { throw .already }
        stop(name, now)
        throw .changed
    }

    private mutating func restartUnit(_ name: ServiceName, _ pid: Int?, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        try expect(pid, name, state)
        try refuse(name, state)
        stop(name, now)
        start(name, byHand: true, now)
        try report(name, state.main?.pid, "systemctl restart \(unit(name))")
    }

    private func refuse(_ name: ServiceName, _ state: ServiceState) throws(Concluded) {
        if state.boot == .masked { throw .failed("\(name): masked; unmask it first") }
        if state.load == "not-found" { throw .failed("\(name): there is no such unit; is its package installed?") }
    }
}

// MARK: - upstart

extension LabNode {
    private func override(_ name: ServiceName) -> String { "/etc/init/\(name).override" }

    private func isHeld(_ name: ServiceName) -> Bool {
        let lines = (files.read(override(name)) ?? "").split(separator: "\n")
        let last = lines.last { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            return isManual(line) || (words.count > 1 && words[0] == "start" && words[1].hasPrefix("on"))
        }
        return last.map { isManual($0) } ?? false
    }

    private mutating func holdJob(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        guard !isHeld(name) else {
            try setScript(name, false, now)
            throw .already
        }
        let old = withoutTrailingNewlines(files.read(override(name)) ?? "")
        try writeOverride(name, old.isEmpty ? "manual" : old + "\nmanual", now)
        try setScript(name, false, now)
        throw .changed
    }

    private mutating func releaseJob(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        guard isHeld(name) else {
            try setScript(name, true, now)
            throw .already
        }
        let kept = (files.read(override(name)) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !isManual($0) }
        try writeOverride(name, withoutTrailingNewlines(kept.joined(separator: "\n")), now)
        try setScript(name, true, now)
        throw .changed
    }

    /// units.sh, `write_override`: without text the file goes.
    private mutating func writeOverride(_ name: ServiceName, _ text: String, _ now: Moment) throws(Concluded) {
        guard !text.isEmpty else {
            files.remove(override(name), at: clock(at: now))
            return
        }
        if let words = directoryTrouble("/etc/init") { throw failedWords(override(name), words) }
        guard FileTree.blocks(text.utf8.count + 1) <= freeBytes else {
            throw failedWords(override(name), "sh: printf: I/O error: No space left on device")
        }
        files.write(override(name), text + "\n", mode: 0o644, owner: "root", group: "root", at: clock(at: now))
    }

    private mutating func startJob(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        guard state.run != .running else { throw .already }
        if state.detail == "unknown job" { throw .failed("\(name): there is no such job; is its package installed?") }
        start(name, byHand: true, now)
        try reportJob(name, nil, "initctl start \(name)")
    }

    private mutating func stopJob(_ name: ServiceName, _ now: Moment) throws(Concluded) {
        guard try known(name).run != .stopped else { throw .already }
        stop(name, now)
        throw .changed
    }

    private mutating func restartJob(_ name: ServiceName, _ pid: Int?, _ now: Moment) throws(Concluded) {
        let state = try known(name)
        try expect(pid, name, state)
        if state.detail == "unknown job" { throw .failed("\(name): there is no such job; is its package installed?") }
        stop(name, now)
        start(name, byHand: true, now)
        try reportJob(name, state.main?.pid, "initctl stop and start \(name)")
    }

    /// `initctl start` prints the state it left.
    private func reportJob(_ name: ServiceName, _ old: Int?, _ what: String) throws(Concluded) {
        try report(name, old, what, said: "\(name) \(state(of: name).detail)")
    }
}
