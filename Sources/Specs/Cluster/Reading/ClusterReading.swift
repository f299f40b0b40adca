extension ClusterSpec {
    /// The whole of cluster.yaml; where values are faulty, something stands in for them and the context knows.
    ///
    /// `vars` come first, since every other value may use them.
    init(_ section: Section, file: String) {
        let variables = section.value("vars", .variables) ?? []
        section.field.context.variables = Dictionary(
            variables.map { ($0.name.value, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        _ = section.required("version", .formatVersion, fallback: 1)
        self.init(
            file: file,
            cluster: section.required("cluster", .text(.plain), fallback: ""),
            ssh: section.value("ssh", .ssh) ?? SSHSpec(),
            platform: section.value("platform", .platform),
            versions: section.value("versions", .versions) ?? VersionPins(),
            nodes: ClusterSpec.nodes(section),
            roles: section.value("roles", .roles) ?? [:],
            zookeeper: section.value("zookeeper", .zookeeper),
            mesos: section.value("mesos", .mesos),
            marathon: section.value("marathon", .marathon),
            docker: section.value("docker", .docker) ?? DockerSpec(),
            policy: PolicySpec(),
            files: section.value("files", .files) ?? [],
            services: section.value("services", .services) ?? [],
            other: OtherSections(section, variables: variables)
        )
        if let (managed, rest) = section.value("policy", .policy) {
            policy = managed
            other.policy = rest
        }
    }

    /// `nodes:`, which a file may leave out that declares apps for somebody else's Marathon.
    private static func nodes(_ section: Section) -> [NodeSpec] {
        let root = section.field.node
        let isAppsOnly = root["apps"] != nil && root["marathon"]?["endpoint"] != nil
        if isAppsOnly, root["nodes"]?.isNull ?? true {
            _ = section.field("nodes")
            return []
        }
        return section.required("nodes", .nodes, fallback: []).value
    }
}

extension Shape where Value == Int {
    fileprivate static var formatVersion: Shape {
        integer(0...Int.max).checked { version in
            version == 1 ? nil : Fault("format \(version) is not known", hint: "this program reads format 1")
        }
    }
}

extension Shape where Value == [Setting] {
    /// `vars:`; values may hold secrets, but no other variables.
    fileprivate static var variables: Shape {
        let value = Shape<Content> { field in
            guard let text = field.scalarText() else { return nil }
            guard !text.contains("${var:") else {
                field.fault("a variable cannot use another one", hint: "write the value itself")
                return nil
            }
            return field.expand(text)
        }
        return settings(.variable, values: value)
    }
}

extension Shape where Value == SSHSpec {
    static var ssh: Shape {
        section { section in
            SSHSpec(
                user: section.optional("user", .text(.sshWord)),
                port: section.optional("port", .port),
                become: section.optional("become", .word),
                identityFile: section.optional("identityFile", .text(.sshWord)),
                connectTimeout: section.optional("connectTimeout", .wholeSeconds)
            )
        }
    }

    /// Per node also a host alias of ssh_config.
    static var nodeSSH: Shape {
        let alias = Shape<String>.text(.sshWord).located.map { SSHSpec(alias: $0) }
        return Shape { field in field.node.scalar == nil ? ssh.read(field) : alias.read(field) }
    }
}

extension SSHSpec.Become: CaseIterable {
    public static let allCases: [SSHSpec.Become] = [.none, .sudo]
}

extension Shape where Value == PlatformSpec {
    fileprivate static var platform: Shape {
        section { section in
            PlatformSpec(
                os: section.optional("os", .text(.plain)),
                initSystem: section.optional("init", .word),
                packageManager: section.optional("packages", .word)
            )
        }
    }
}

extension Platform.InitSystem: CaseIterable {
    public static let allCases: [Platform.InitSystem] = [.systemd, .upstart]
}

extension Platform.PackageManager: CaseIterable {
    public static let allCases: [Platform.PackageManager] = [.apt, .yum]
}

extension Shape where Value == VersionPins {
    fileprivate static var versions: Shape {
        section { section in
            VersionPins(
                zookeeper: section.optional("zookeeper", .version),
                mesos: section.optional("mesos", .version),
                marathon: section.optional("marathon", .version),
                docker: section.optional("docker", .version),
                haproxy: section.optional("haproxy", .version)
            )
        }
    }
}

extension Shape where Value == DockerSpec {
    fileprivate static var docker: Shape {
        section { section in
            DockerSpec(
                package: section.optional("package", .text(.plain)),
                daemon: section.value("daemon", .settings(.daemonKey, values: .daemonValue)) ?? []
            )
        }
    }
}

extension Shape where Value == Content {
    /// A value of daemon.json, as JSON text.
    fileprivate static var daemonValue: Shape { Shape { JSONText.content(of: $0) } }
}

extension NameRule {
    /// A key of daemon.json, such as `insecure-registries`.
    fileprivate static let daemonKey = NameRule { name in
        name.isEmpty || name.contains(where: \.isWhitespace)
            ? Fault("`\(name.abbreviated)` is no key of daemon.json") : nil
    }
}
