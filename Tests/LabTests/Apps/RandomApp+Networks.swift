import Daemons
import Specs

/// Containers, networks and ports, which hang together; in the old and the new spelling of each release.
extension RandomApp {
    mutating func network(_ app: inout [String: AppValue]) {
        switch numbers.number(0...12) {
        case 0...2: hostPorts(&app)
        case 3, 4: dockerOnHost(&app)
        case 5...7: bridge(&app)
        case 8 where knows(1, 1): userNetwork(&app)
        case 9 where knows(0, 14): address(&app)
        case 10: resident(&app)
        default: mesosContainer(&app)
        }
    }

    /// Ports of an app on its host's network: said in neither way, in one, or from 1.0 in both.
    private mutating func hostPorts(_ app: inout [String: AppValue]) {
        let count = numbers.number(0...3)
        let chosen = (0..<count).map { numbers.chance(55) ? 0 : 9000 + $0 }
        var definitions: [AppValue] = []
        var names: [String?] = []
        for (index, port) in chosen.enumerated() {
            var definition: [String: AppValue] = [:]
            if port != 0 || numbers.chance(60) { definition["port"] = .number(Double(port)) }
            names.append(portDetails(&definition, index))
            definitions.append(.object(definition))
        }
        let numbersOnly = AppValue.list(chosen.map { .number(Double($0)) })
        let way = numbers.number(0...5)
        switch way {
        case 0, 1:
            app["ports"] = numbersOnly
            ports = chosen.map { _ in nil }
        case _ where way < 4 && knows(1, 0):
            app["portDefinitions"] = .list(definitions)
            ports = names
        case 4 where knows(1, 0):
            app["ports"] = numbersOnly
            app["portDefinitions"] = .list(definitions)
            ports = names
        default:
            // 0.7.6 gives a definition without ports none, but a PUT one; in 1.5 and 1.6 it is the other way with Docker.
            let isBare = !knows(0, 8) || isDocker && knows(1, 5) && !knows(1, 7)
            ports = isBare ? [] : [knows(1, 4) ? "default" : nil]
            if numbers.chance(10) { app["ports"] = .null }
        }
    }

    /// `protocol`, `labels` and `name` of a port or a mapping; gives the name.
    private mutating func portDetails(_ port: inout [String: AppValue], _ index: Int) -> String? {
        let protocols: [AppValue] = knows(1, 0) ? ["tcp", "udp", "udp,tcp"] : ["tcp", "udp"]
        maybe(&port, "protocol", 40, numbers.one(protocols))
        guard knows(1, 0) else { return nil }
        maybe(&port, "labels", 30, choose([:], ["VIP_0": "/web:80"]))
        guard numbers.chance(40) else { return nil }
        let name = index == 0 ? "http-api" : "p\(index)"
        port["name"] = .text(Content(name))
        return name
    }

    mutating func docker(_ network: String?) -> [String: AppValue] {
        isDocker = true
        let image = choose("busybox", "registry:5000/shop/web:1.2")
        var docker: [String: AppValue] = ["image": image]
        if let network { docker["network"] = .text(Content(network)) }
        maybe(&docker, "privileged", 30, .boolean(numbers.chance(40)))
        if knows(0, 8) {
            let two: AppValue = [["key": "hostname", "value": "a"], ["key": "add-host", "value": ""]]
            maybe(&docker, "parameters", 30, choose([], two, [["key": "cap-add", "value": "ALL"]]))
        } else {
            maybe(&docker, "parameters", 20, choose([:], ["hostname": "a"]))
        }
        if knows(0, 8, 2) { maybe(&docker, "forcePullImage", 30, .boolean(numbers.chance(50))) }
        return docker
    }

    mutating func container(_ type: String?, _ parts: [String: AppValue] = [:]) -> [String: AppValue] {
        var container = parts
        if let type { container["type"] = .text(Content(type)) }
        maybe(&container, "volumes", 40, volumes())
        return container
    }

    private mutating func volumes() -> AppValue {
        var list: [AppValue] = []
        for index in 0..<numbers.number(0...2) {
            let path = AppValue.text(Content("/c\(index)"))
            list.append(["containerPath": path, "hostPath": "/h", "mode": choose("RO", "RW")])
        }
        if knows(1, 0), numbers.chance(15) {
            let external: AppValue = ["name": "v", "provider": "dvdi", "options": ["dvdi/driver": "rexray"]]
            list.append(["containerPath": "/ext", "mode": "RW", "external": external])
        }
        return .list(list)
    }

    private mutating func dockerOnHost(_ app: inout [String: AppValue]) {
        let network = numbers.one([nil, "HOST"] as [String?])
        app["container"] = .object(container(dockerType(), ["docker": .object(docker(network))]))
        if knows(1, 5), network == nil { maybe(&app, "networks", 40, choose([["mode": "host"]], [])) }
        hostPorts(&app)
    }

    /// `DOCKER` is what is meant by no type.
    private mutating func dockerType() -> String? { numbers.chance(75) ? "DOCKER" : nil }

    private mutating func bridge(_ app: inout [String: AppValue]) {
        let isNew = knows(1, 5) && numbers.chance(50)
        var docker = docker(isNew ? nil : "BRIDGE")
        var parts: [String: AppValue] = [:]
        if numbers.chance(85) {
            let mappings = mappings(named: true)
            if isNew || knows(1, 5) && numbers.chance(40) {
                parts["portMappings"] = mappings
            } else {
                docker["portMappings"] = mappings
            }
        } else {
            ports = knows(1, 5) ? [nil] : []
            if numbers.chance(40) { docker["portMappings"] = .null }
        }
        parts["docker"] = .object(docker)
        app["container"] = .object(container(dockerType(), parts))
        if isNew { app["networks"] = [["mode": "container/bridge"]] }
        if knows(1, 0), !knows(1, 5), numbers.chance(10) { app["ports"] = [0] }
    }

    private mutating func mappings(named: Bool) -> AppValue {
        ports = []
        var list: [AppValue] = []
        for index in 0..<numbers.number(0...3) {
            var mapping: [String: AppValue] = ["containerPort": choose(0, 80, 8080)]
            maybe(&mapping, "hostPort", 35, choose(0, 0, .number(Double(31_000 + index))))
            maybe(&mapping, "servicePort", 50, choose(0, 0, .number(Double(9100 + index))))
            ports.append(portDetails(&mapping, index))
            if ports.last != .some(nil) || !knows(1, 0) || numbers.chance(80) { list.append(.object(mapping)) }
        }
        if list.count != ports.count { ports = Array(repeating: nil, count: list.count) }
        return .list(list)
    }

    private mutating func userNetwork(_ app: inout [String: AppValue]) {
        let isNew = knows(1, 5) && numbers.chance(60)
        var docker = docker(isNew ? nil : "USER")
        var parts: [String: AppValue] = [:]
        if numbers.chance(75) {
            if isNew {
                parts["portMappings"] = mappings(named: true)
            } else {
                docker["portMappings"] = mappings(named: true)
            }
        } else {
            ports = knows(1, 5) ? [nil] : []
        }
        parts["docker"] = .object(docker)
        app["container"] = .object(container("DOCKER", parts))
        if isNew {
            app["networks"] = [.object(containerNetwork())]
        } else {
            app["ipAddress"] = choose(["networkName": "overlay"], ["networkName": "other", "labels": ["l": "1"]])
        }
        if knows(1, 5), numbers.chance(15), app["ipAddress"] == nil { app["ports"] = [0, 0] }
    }

    private mutating func containerNetwork() -> [String: AppValue] {
        var network: [String: AppValue] = ["mode": "container"]
        if context.defaultNetworkName == nil || numbers.chance(60) { network["name"] = choose("overlay", "other") }
        if numbers.chance(30) { network["mode"] = nil }
        maybe(&network, "labels", 25, choose([:], ["l": "1"]))
        return network
    }

    /// An address of its own, without Docker: `ipAddress`.
    private mutating func address(_ app: inout [String: AppValue]) {
        var address: [String: AppValue] = [:]
        maybe(&address, "groups", 40, choose([], ["dev"]))
        maybe(&address, "labels", 40, choose([:], ["l": "1"]))
        if knows(1, 5) ? context.defaultNetworkName == nil || numbers.chance(50) : knows(1, 1) && numbers.chance(50) {
            address["networkName"] = choose("overlay", "other", "mesos-bridge")
        }
        if numbers.chance(40) {
            let port: AppValue = ["number": 80, "name": "http-api", "protocol": "tcp"]
            address["discovery"] = choose(["ports": []], ["ports": [port]], [:])
        }
        let hasPorts = address["discovery"]?["ports"]?.items?.isEmpty == false
        ports = knows(1, 5) ? [hasPorts ? "http-api" : nil] : []
        app["ipAddress"] = .object(address)
    }

    /// From 1.3 the Mesos containerizer, with or without an image; from 1.5 in any network.
    private mutating func mesosContainer(_ app: inout [String: AppValue]) {
        guard knows(1, 3) else { return hostPorts(&app) }
        var parts: [String: AppValue] = [:]
        if numbers.chance(60) {
            var docker: [String: AppValue] = ["image": "busybox"]
            if !knows(1, 4) {
                maybe(&docker, "credential", 30, choose(["principal": "p"], ["principal": "q", "secret": "s"]))
            }
            if knows(1, 5) { maybe(&docker, "pullConfig", 15, ["secret": "pull"]) }
            maybe(&docker, "forcePullImage", 30, .boolean(numbers.chance(50)))
            parts["docker"] = .object(docker)
        } else if !knows(1, 9), numbers.chance(50) {
            parts["appc"] = appc()
        }
        if knows(1, 8) { maybe(&parts, "linuxInfo", 20, linuxInfo()) }
        guard knows(1, 5), numbers.chance(50) else {
            app["container"] = .object(container("MESOS", parts))
            return hostPorts(&app)
        }
        if numbers.chance(70) { parts["portMappings"] = mappings(named: true) } else { ports = [nil] }
        app["container"] = .object(container("MESOS", parts))
        app["networks"] = numbers.chance(50) ? [["mode": "container/bridge"]] : [.object(containerNetwork())]
    }

    private mutating func appc() -> AppValue {
        var appc: [String: AppValue] = ["image": "example.com/web"]
        maybe(&appc, "id", 30, "sha512-0a1b")
        maybe(&appc, "labels", 30, choose([:], ["os": "linux"]))
        maybe(&appc, "forcePullImage", 30, .boolean(numbers.chance(50)))
        return .object(appc)
    }

    private mutating func linuxInfo() -> AppValue {
        let seccomp: AppValue = ["profileName": "p"]
        let ipc: AppValue = knows(1, 9) ? ["ipcInfo": ["mode": "PRIVATE", "shmSize": 64]] : [:]
        return choose([:], ["seccomp": ["unconfined": true]], ["seccomp": seccomp], ipc)
    }

    /// A volume that stays on its agent, and what goes with it.
    private mutating func resident(_ app: inout [String: AppValue]) {
        guard knows(1, 0) else { return hostPorts(&app) }
        hasPersistentVolume = true
        var info: [String: AppValue] = ["size": choose(10, 100)]
        maybe(&info, "type", 30, "root")
        maybe(&info, "constraints", 20, [])
        var parts: [String: AppValue] = [:]
        if knows(1, 3), !knows(1, 5) || numbers.chance(60) {
            parts["docker"] = ["image": "busybox"]
            parts["type"] = "MESOS"
        } else if knows(1, 5) {
            parts["type"] = "MESOS"
        } else {
            parts["docker"] = .object(docker("HOST"))
        }
        parts["volumes"] = [["containerPath": "data", "mode": "RW", "persistent": .object(info)]]
        app["container"] = .object(parts)
        maybe(&app, "residency", 40, choose(["taskLostBehavior": "WAIT_FOREVER"], [:]))
        hostPorts(&app)
    }
}
