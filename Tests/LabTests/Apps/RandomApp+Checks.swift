import Daemons
import Specs

/// Health checks, checks and readiness checks, which point at the app's ports.
extension RandomApp {
    mutating func checks(_ app: inout [String: AppValue]) {
        if numbers.chance(45) {
            var list: [AppValue] = []
            for _ in 0..<numbers.number(0...2) { list += healthCheck() }
            let ofMesos = list.filter { $0["protocol"]?.plainText?.hasPrefix("MESOS_") == true }
            if ofMesos.count < 2 { app["healthChecks"] = .list(list) }
        }
        if knows(1, 7), !ports.isEmpty {
            let times: AppValue = ["tcp": ["portIndex": 0], "intervalSeconds": 5, "timeoutSeconds": 2]
            maybe(&app, "check", 20, choose(["http": ["path": "/ok", "portIndex": 0]], times, ["tcp": ["port": 80]]))
        }
        if knows(1, 1), let name = ports.compactMap(\.self).first { readiness(&app, name) }
    }

    private mutating func healthCheck() -> [AppValue] {
        var names = ["HTTP", "TCP", "COMMAND"]
        if knows(0, 8, 1) { names.append("HTTPS") }
        if knows(1, 4) { names += ["MESOS_HTTP", "MESOS_TCP"] }
        let name = numbers.one(names)
        // 0.7 wants a port of a command's check as well.
        if ports.isEmpty, !knows(0, 8) { return [] }
        var check: [String: AppValue] = [:]
        if name != "HTTP" || numbers.chance(60) { check["protocol"] = .text(Content(name)) }
        if name == "COMMAND" {
            check["command"] = ["value": choose("true", "curl localhost")]
        } else {
            guard !ports.isEmpty else { return [] }
            if name.hasSuffix("TCP") == false { maybe(&check, "path", 60, choose("/", "/health")) }
            place(&check)
            if name == "HTTP" || name == "HTTPS", knows(0, 8, 1) {
                maybe(&check, "ignoreHttp1xx", 25, .boolean(numbers.chance(40)))
            }
        }
        maybe(&check, "gracePeriodSeconds", 30, choose(300, 15, 5))
        maybe(&check, "intervalSeconds", 30, choose(60, 10, 5))
        maybe(&check, "timeoutSeconds", 30, choose(20, 3))
        maybe(&check, "maxConsecutiveFailures", 30, choose(3, 0, 5))
        if knows(1, 5) { maybe(&check, "delaySeconds", 20, choose(15, 2)) }
        if knows(1, 6), isDocker, name.hasPrefix("MESOS_") { maybe(&check, "ipProtocol", 30, choose("IPv4", "IPv6")) }
        return [.object(check)]
    }

    private mutating func place(_ check: inout [String: AppValue]) {
        if knows(0, 15), numbers.chance(20) {
            check["port"] = 8080
        } else if ports.count > 1 || numbers.chance(60) {
            check["portIndex"] = .number(Double(numbers.number(0...ports.count - 1)))
        }
    }

    private mutating func readiness(_ app: inout [String: AppValue], _ port: String) {
        guard numbers.chance(50) else { return }
        var check: [String: AppValue] = [:]
        if port != "http-api" || numbers.chance(50) { check["portName"] = .text(Content(port)) }
        maybe(&check, "name", 30, choose("readinessCheck", "ready"))
        maybe(&check, "protocol", 30, choose("HTTP", "HTTPS"))
        maybe(&check, "path", 30, choose("/", "/ready"))
        maybe(&check, "intervalSeconds", 30, choose(30, 60))
        maybe(&check, "timeoutSeconds", 30, choose(10, 5))
        maybe(&check, "httpStatusCodesForReady", 30, choose([200], [204, 200], [200, 204]))
        maybe(&check, "preserveLastResponse", 30, .boolean(numbers.chance(50)))
        app["readinessChecks"] = [.object(check)]
    }
}
