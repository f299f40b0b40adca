/// A definition on its way into a request: the user's own words, as far as the release takes them.
struct WriteBody {
    var members: [String: AppValue]
    private let context: AppContext

    init(_ definition: AppValue, _ context: AppContext) {
        self.context = context
        members = definition.withoutNulls.members ?? [:]
        // `version` is a wish to roll back; what else is Marathon's own is ignored (marathon-api.md 2.1).
        for field in AppSchema.fields where field.isReadOnly { members[field.name] = nil }
        keepOneName("fetch", "uris")
        if context.isAtLeast(1, 0) { keepOneName("portDefinitions", "ports", prefersFirst: true) }
        if let ids = members["dependencies"]?.items { members["dependencies"] = .list(ids.map(\.rooted)) }
        completeUpgradeStrategy()
    }

    var value: AppValue { .object(members) }

    /// Both of them, even empty, are refused by updates up to 1.4 (marathon-api.md 2.1).
    private mutating func keepOneName(_ first: String, _ second: String, prefersFirst: Bool = false) {
        guard let a = members[first], members[second] != nil else { return }
        members[prefersFirst || a.items?.isEmpty == false || members[second]?.items?.isEmpty == true ? second : first] =
            nil
    }

    /// 0.7 wants the one it knows, from 1.5 both are required (marathon-api.md 3.1).
    private mutating func completeUpgradeStrategy() {
        guard var strategy = members["upgradeStrategy"]?.members else { return }
        let required =
            context.hasNetworks
            ? ["minimumHealthCapacity", "maximumOverCapacity"]
            : context.isAtLeast(0, 8) ? [] : ["minimumHealthCapacity"]
        for key in required where strategy[key] == nil { strategy[key] = 1 }
        members["upgradeStrategy"] = .object(strategy)
    }
}

// MARK: What is taken from live

extension WriteBody {
    /// The number of a definition that says none.
    mutating func keepInstances(of live: AppForm) {
        if members["instances"] == nil { members["instances"] = live["instances"]?.value(.scalar(isAssigned: false)) }
    }

    /// Says the service ports that Marathon has chosen, where the ports are otherwise the same: it would keep them, but
    /// not always in their order (marathon-api.md 3.2).
    mutating func keepPorts(of live: AppForm, unless differences: [FieldDifference]) {
        /// Neither the list, nor an item of it as a whole, nor a number in it; what else ports are given may differ.
        func isSame(_ list: String, _ key: String) -> Bool {
            !differences.contains { difference in
                let path = difference.path
                return list.isAt(path) || path.isAt(list) && (path.hasSuffix("]") || path.hasSuffix("." + key))
            }
        }
        let numbers = live.portNumbers
        if isSame("ports", ""), isSame("portDefinitions", "port") {
            if live["portDefinitions"]?.isEmpty == true, members["ports"] == nil, members["portDefinitions"] == nil,
                context.hasNetworks
            {
                members["portDefinitions"] = []
            }
            keepDefaultPort(of: live)
            members["ports"] = members["ports"]?.chosen(numbers)
            members["portDefinitions"] = members["portDefinitions"]?.chosen(numbers, "port")
        }
        guard isSame("container.portMappings", "servicePort"), isSame("container.docker.portMappings", "servicePort"),
            var container = members["container"]?.members
        else { return }
        let mappings = live.servicePorts
        container["portMappings"] = container["portMappings"]?.chosen(mappings, "servicePort")
        if var docker = container["docker"]?.members {
            docker["portMappings"] = docker["portMappings"]?.chosen(mappings, "servicePort")
            container["docker"] = .object(docker)
        }
        members["container"] = .object(container)
    }
}

extension WriteBody {
    /// The port that an app has without saying so, where it is one of the host: apps that are bound to an agent may not
    /// change it, and 0 counts as a change (S/api/v2/validation/AppValidation.scala, 1.8; marathon-api.md section 4).
    private mutating func keepDefaultPort(of live: AppForm) {
        guard members["ports"] == nil, members["portDefinitions"] == nil, members["requirePorts"] == true,
            let kind = live.kind("portDefinitions"), let ports = live["portDefinitions"]
        else { return }
        members["portDefinitions"] = ports.value(kind)
    }
}

extension AppForm {
    /// Of `ports` or `portDefinitions`, in their order.
    fileprivate var portNumbers: [FormValue?] {
        var ports: [FormValue?] = self["ports"]?.items ?? []
        var copy = self
        copy.edit("portDefinitions") { ports.append($0["port"]) }
        return ports
    }

    /// Of the port mappings, in their order.
    fileprivate var servicePorts: [FormValue?] {
        var ports: [FormValue?] = []
        func collect(_ mapping: inout EditedRecord) { ports.append(mapping["servicePort"]) }
        var copy = self
        copy.edit("container") { container in
            container.edit("portMappings", collect)
            container.edit("docker") { $0.edit("portMappings", collect) }
        }
        return ports
    }
}

extension AppValue {
    /// A list of ports, or of objects with one under `key`, with live numbers where Marathon is to choose.
    fileprivate func chosen(_ numbers: [FormValue?], _ key: String? = nil) -> AppValue {
        guard let items else { return self }
        return .list(
            items.enumerated().map { index, item in
                guard index < numbers.count, case .scalar(let number)? = numbers[index] else { return item }
                guard let key else { return item == 0 ? number : item }
                guard var members = item.members, members.said(key) ?? 0 == 0 else { return item }
                members[key] = number
                return .object(members)
            }
        )
    }

    fileprivate var rooted: AppValue {
        guard let id = plainText, !id.hasPrefix("/") else { return self }
        return .text(Content(AppPath.absolute(id, in: "/")))
    }

    /// Null says nothing, but some readers stumble over it.
    var withoutNulls: AppValue {
        switch self {
        case .null, .boolean, .number, .text: self
        case .list(let items): .list(items.filter { $0 != .null }.map(\.withoutNulls))
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        }
    }
}

extension String {
    /// Whether this path is `prefix` or lies in it.
    func isAt(_ prefix: String) -> Bool {
        hasPrefix(prefix) && (utf8.count == prefix.utf8.count || [".", "["].contains(dropFirst(prefix.count).first))
    }

    /// The name of the top-level field that this path leads through.
    var topName: String { String(prefix { $0 != "." && $0 != "[" }) }
}
