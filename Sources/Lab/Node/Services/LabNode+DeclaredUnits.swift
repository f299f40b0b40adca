internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// A service that a package brought, or that a unit or job below /etc makes.
    ///
    /// Of a unit that was taken away a running process is left, and nothing else.
    func supervised(_ name: ServiceName) -> LabService? {
        guard let known = services[name] else { return declaredUnit(name).map { LabService($0) } }
        guard known.definition.unitFile != nil, known.process == nil else { return known }
        guard var declared = declaredUnit(name).map({ LabService($0) }) else { return nil }
        declared.phase = known.phase
        return declared
    }

    /// Before an act on a service: what makes it is read again, as `daemon-reload` does.
    mutating func adopt(_ name: ServiceName) {
        let known = services[name]
        guard known == nil || known?.definition.unitFile != nil else { return }
        guard let definition = declaredUnit(name) else {
            if known?.process == nil { services[name] = nil }
            return
        }
        if known == nil { services[name] = LabService(definition) }
        services[name]?.definition = definition
    }

    private func declaredUnit(_ name: ServiceName) -> LabServiceDefinition? {
        platform.usesSystemd ? declaredSystemdUnit(name) : declaredJob(name)
    }

    private func declaredSystemdUnit(_ name: ServiceName) -> LabServiceDefinition? {
        let path = "/etc/systemd/system/\(unit(name))"
        guard !isMasked(name), files.isRegular(path), let text = files.read(path) else { return nil }
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        func value(_ key: String) -> Substring? { lines.last { $0.hasPrefix(key + "=") }?.dropFirst(key.count + 1) }
        let restarts = ["always", "on-failure", "on-abnormal"].contains { value("Restart") == $0[...] }
        let pause = value("RestartSec").flatMap { Int($0) }.map { $0 * 1000 } ?? 100
        return LabServiceDefinition(
            name: name,
            supervisor: .systemd(restartMilliseconds: restarts ? pause : nil),
            program: .other,
            version: "0",
            command: (value("ExecStart") ?? "").split(separator: " ").map(String.init),
            unitFile: path,
            isStatic: !lines.contains("[Install]")
        )
    }

    private func declaredJob(_ name: ServiceName) -> LabServiceDefinition? {
        let path = "/etc/init/\(name).conf"
        guard files.isRegular(path), let text = files.read(path) else { return nil }
        let exec = text.split(separator: "\n").last { $0.hasPrefix("exec ") }?.dropFirst("exec ".count) ?? ""
        return LabServiceDefinition(
            name: name,
            supervisor: .upstart,
            program: .other,
            version: "0",
            command: exec.split(separator: " ").map(String.init),
            unitFile: path
        )
    }
}
