import Daemons
import NIOCore
import NIOPosix
import Serving

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
        let request = HTTPRequest("GET", path.hasPrefix("/") ? path : "/" + path)
        do throws(HTTPCallFailure) {
            let timeout = Duration.milliseconds(probe.timeoutMilliseconds)
            return judge(
                status: try await HTTPCaller().answer(to: request, from: probe.endpoint, within: timeout).status
            )
        } catch {
            return "\(probe.endpoint): \(error)"
        }
    }

    /// Any certificate will do, as for Marathon.
    private func https(_ path: String, _ probe: HealthProbe) async -> String? {
        let seconds = "\(Double(probe.timeoutMilliseconds) / 1000)"
        let url = "https://\(probe.endpoint)\(path.hasPrefix("/") ? path : "/" + path)"
        let curl = await NodeCommand(["curl", "-ks", "-o", "/dev/null", "-w", "%{http_code}", "-m", seconds, url]).run()
        return curl.status == 0 ? judge(status: Int(curl.output) ?? 0) : "\(probe.endpoint): no connection"
    }

    private func tcp(_ probe: HealthProbe) async -> String? {
        do {
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(Int64(probe.timeoutMilliseconds)))
            let channel = try await bootstrap.connect(host: probe.endpoint.host, port: probe.endpoint.port).get()
            try? await channel.close()
            return nil
        } catch {
            return "\(probe.endpoint): no connection"
        }
    }

    private func judge(status: Int) -> String? {
        200...399 ~= status ? nil : "HTTP status \(status)"
    }
}
