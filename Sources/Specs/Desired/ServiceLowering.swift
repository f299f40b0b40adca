extension ServiceIntent {
    /// The acts that carry this intent out on `service` under `initSystem`, in order; each safe to repeat.
    ///
    /// Facts: mesos-zk-ops.md 1.5. Masking works before a unit exists, which is how a package is kept from starting it.
    public func lower(_ service: ServiceName, to initSystem: Platform.InitSystem) -> [ServiceAct] {
        switch initSystem {
        case .systemd:
            switch self {
            case .holdOff: [.stopUnit(service), .disableUnit(service), .maskUnit(service)]
            case .enable: [.unmaskUnit(service), .enableUnit(service)]
            case .start: [.unmaskUnit(service), .enableUnit(service), .startUnit(service)]
            case .restart(let pid): [.restartUnit(service, pid: pid)]
            case .reload: [.reloadUnit(service)]
            case .stop: [.stopUnit(service)]
            case .startNow: [.unmaskUnit(service), .startUnit(service)]
            case .disable: [.disableUnit(service)]
            }
        case .upstart:
            switch self {
            case .holdOff: [.holdJob(service), .stopJob(service)]
            case .enable: [.releaseJob(service)]
            case .start: [.releaseJob(service), .startJob(service)]
            case .restart(let pid): [.restartJob(service, pid: pid)]
            case .reload: [.reloadJob(service)]
            case .stop: [.stopJob(service)]
            case .startNow: [.startJob(service)]
            case .disable: [.holdJob(service)]
            }
        }
    }
}
