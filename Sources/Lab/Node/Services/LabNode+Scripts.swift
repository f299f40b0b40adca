internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// services.sh, `script_state`: a System V script under upstart.
    func scriptState(_ name: ServiceName) -> ServiceState {
        var state = ServiceState()
        state.isSystemV = true
        state.run = .stopped
        state.detail = "a script, not running"
        state.boot = startLinks(of: name).isEmpty ? .off : .on
        if let process = services[name]?.process {
            state.main = process
            state.run = .running
            state.detail = "a script, process \(process.pid)"
        }
        return state
    }

    /// units.sh, `script_at_boot`.
    mutating func setScript(_ name: ServiceName, _ isOn: Bool, _ now: Moment) throws(Concluded) {
        guard files.exists("/etc/init.d/\(name)"), !files.exists("/etc/init/\(name).conf"), !platform.usesSystemd,
            (scriptState(name).boot == .on) != isOn
        else { return }
        setBoot(name, isOn, now)
        throw .changed
    }
}
