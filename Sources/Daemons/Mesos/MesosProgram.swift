/// Where a daemon of Mesos listens, and what it says about that.
struct MesosProgram {
    /// Where it binds: `--ip`, else what the host's own name resolves to (mesos-zk-ops.md 3.1).
    let listener: Endpoint
    let advertised: Endpoint
    let hostname: String

    init(_ flags: MesosFlags, _ version: MesosVersion, _ host: HostFacts, defaultPort: Int) {
        let port = flags["port"].flatMap { Int($0) } ?? defaultPort
        listener = Endpoint(flags["ip"] ?? host.address, port)
        advertised = Endpoint(
            flags["advertise_ip"] ?? listener.host,
            flags["advertise_port"].flatMap { Int($0) } ?? port
        )
        // Looked up from the address; `--no-hostname_lookup` (0.25 and later) leaves the address itself.
        let looksUp = flags["hostname_lookup"] != "false"
        hostname = flags["hostname"] ?? (looksUp ? host.hostname : advertised.host)
    }
}
