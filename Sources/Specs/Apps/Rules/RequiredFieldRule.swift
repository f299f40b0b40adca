/// What an object cannot be without (the readers of the releases; RAML types from 1.5).
enum RequiredFieldRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        func require(_ keys: [String], of value: AppValue?, in path: String) {
            for key in keys where value?[key] == nil && value?.members != nil {
                found.append(AppFault("`\(path)` lacks `\(key)`", at: path))
            }
        }
        require(["image"], of: app["container"]?["docker"], in: "container.docker")
        if app.since(1, 3), !app.readsRAML {
            require(["principal"], of: app["container"]?["docker"]?["credential"], in: "container.docker.credential")
        }
        if app.since(1, 3), !app.since(1, 9) { require(["image"], of: app["container"]?["appc"], in: "container.appc") }
        if app.readsRAML {
            require(["secret"], of: app["container"]?["docker"]?["pullConfig"], in: "container.docker.pullConfig")
        }
        let ipc = app["container"]?["linuxInfo"]?["ipcInfo"]
        if app.since(1, 9) { require(["mode"], of: ipc, in: "container.linuxInfo.ipcInfo") }
        for (path, fetch) in app.objects("fetch") { require(["uri"], of: fetch, in: path) }
        if app.since(0, 8) {
            for (path, parameter) in app["container"]?["docker"]?.objects("parameters", in: "container.docker") ?? [] {
                require(["key", "value"], of: parameter, in: path)
            }
        }
        if !app.since(1, 0) {
            for (path, mapping) in app.portMappings { require(["containerPort"], of: mapping, in: path) }
        }
        let strategy = app["upgradeStrategy"]
        if app.readsRAML {
            require(["minimumHealthCapacity", "maximumOverCapacity"], of: strategy, in: "upgradeStrategy")
        } else if !app.since(0, 8) {
            require(["minimumHealthCapacity"], of: strategy, in: "upgradeStrategy")
        }
        for (name, secret) in (app["secrets"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            require(["source"], of: secret, in: "secrets.\(name)")
        }
        for (name, value) in (app["env"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            require(["secret"], of: value, in: "env.\(name)")
        }
        for (path, volume) in app["container"]?.objects("volumes", in: "container") ?? [] {
            require(["size"], of: volume["persistent"], in: "\(path).persistent")
        }
        return found
    }
}
