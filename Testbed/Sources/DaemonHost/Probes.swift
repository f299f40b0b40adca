import Daemons
import NIOCore
import NIOPosix

/// Health and readiness checks, as Marathon makes them itself (marathon-api.md 3.4).
struct Probes: Sendable {
    var containers: Containers

    /// - Returns: Why the check failed, if it did.
    func failure(of probe: HealthProbe) async -> String? {
        switch probe.kind {
        case .http(let path, isTLS: false): await http(path, probe)
        case .http(let path, isTLS: true): await https(path, probe)
        case .tcp: await tcp(probe)
        case .command(let command):
            await containers.check(command, task: probe.task, timeout: .milliseconds(probe.timeoutMilliseconds))
        }
    }

    private func http(_ path: String, _ probe: HealthProbe) async -> String? {
        let call = HTTPCall(
            endpoint: probe.endpoint,
            method: "GET",
            target: path.hasPrefix("/") ? path : "/" + path,
            headers: [HTTPField("User-Agent", "marathon")],
            timeoutMilliseconds: probe.timeoutMilliseconds
        )
        do throws(HTTPCall.Failure) {
            return judge(status: try await call.answer().status)
        } catch {
            return words(for: error, probe)
        }
    }

    /// Any certificate will do, as for Marathon.
    private func https(_ path: String, _ probe: HealthProbe) async -> String? {
        let seconds = "\(Double(probe.timeoutMilliseconds) / 1000)"
        let url = "https://\(probe.endpoint)\(path.hasPrefix("/") ? path : "/" + path)"
        let curl = await NodeCommand(["curl", "-ks", "-o", "/dev/null", "-w", "%{http_code}", "-m", seconds, url]).run()
        return curl.status == 0 ? judge(status: Int(curl.output) ?? 0) : words(for: .refused, probe)
    }

    private func tcp(_ probe: HealthProbe) async -> String? {
        do {
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(Int64(probe.timeoutMilliseconds)))
            let channel = try await bootstrap.connect(host: probe.endpoint.host, port: probe.endpoint.port).get()
            try? await channel.close()
            return nil
        } catch {
            return words(for: .refused, probe)
        }
    }

    private func judge(status: Int) -> String? {
        200...399 ~= status ? nil : "HTTP status \(status)"
    }

    private func words(for failure: HTTPCall.Failure, _ probe: HealthProbe) -> String {
        switch failure {
        case .refused: "Connection to \(probe.endpoint) refused"
        case .timedOut: "no answer from \(probe.endpoint) within \(probe.timeoutMilliseconds) ms"
        case .broken: "the connection to \(probe.endpoint) broke"
        }
    }
}
