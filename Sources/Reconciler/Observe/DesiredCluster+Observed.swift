public import Specs

extension DesiredCluster {
    /// What `spec` wants of the cluster as it is: platforms, candidates and spellings of switches are the observed ones.
    ///
    /// Without apps: what their texts hold depends on secrets.
    public init(_ spec: ClusterSpec, observed: ObservedCluster) {
        let nodes = observed.nodes.compactMapValues(\.node)
        self.init(
            spec,
            platforms: nodes.compactMapValues(\.platform.value),
            candidates: nodes.mapValues { node in
                node.packages.compactMapValues { $0.value?.offered.first }
            },
            flagFiles: nodes.mapValues(\.flagFiles)
        )
    }

    /// Secrets that a file of key=value lines cannot hold as they are, as sentences; to be refused before anything is written.
    public func unwritableSecrets(_ secrets: SecretStore) -> [String] {
        var faults: Set<String> = []
        for node in nodes {
            for file in node.files {
                faults.formUnion(file.unholdableSecrets(of: secrets))
                guard case .keyed(let edit) = file.body else { continue }
                for reference in edit.set.flatMap(\.value.references) {
                    guard let text = secrets.reveal(Content([.secret(reference)])), !edit.format.canHold(secret: text)
                    else { continue }
                    faults.insert(
                        "\(reference): it has a quote, backslash, dollar or newline, which \(file.path) cannot hold"
                    )
                }
            }
        }
        return faults.sorted()
    }
}

extension ObservedNode {
    /// Regular files of flag directories with their content, by path.
    var flagFiles: [String: Content] {
        let entries = directories.values.compactMap(\.value).joined().filter { $0.kind == .regular }
        return Dictionary(entries.compactMap { entry in entry.content.map { (entry.path, $0) } }) { first, _ in first }
    }

    /// The flags `service` would be started with from what is on the node now: files and variables, each with its source.
    ///
    /// nil where something that has to be read could not be. With `afterWriting` as if the desired files were there already.
    public func effectiveFlags(
        of service: ServiceName,
        on desired: DesiredNode,
        afterWriting: Bool = false
    ) -> [String: [FlagOccurrence]]? {
        let directory = desired.flagDirectories.first { $0.service == service }
        let environment = desired.environmentFiles.filter { $0.service == service }
        guard let entries = directory.map({ entries(of: $0, desired, afterWriting) }) ?? [],
            let texts = texts(of: environment, desired, afterWriting)
        else { return nil }
        return Specs.effectiveFlags(
            entries: entries,
            in: directory?.path ?? "",
            environment: texts,
            dialect: service == .marathon ? .marathon : .mesos
        )
    }

    private func entries(of directory: FlagDirectory, _ desired: DesiredNode, _ afterWriting: Bool) -> [FlagEntry]? {
        let families = ["attributes", "resources"].map { "\(directory.path)/\($0)" }
        let paths = [directory.path] + families.filter { directories[$0] != nil }
        var contents: [String: Content] = [:]
        for path in paths {
            switch directories[path] {
            case .found(let files)?:
                for file in files where file.kind == .regular {
                    contents[file.path] = file.content ?? Content([.redacted])
                }
            case .absent?: break
            case .unknown?, nil: return nil
            }
        }
        let wanted = afterWriting ? desired.files.filter { $0.path.hasPrefix(directory.path + "/") } : []
        for file in wanted {
            switch file.body {
            case .whole(let content): contents[file.path] = content
            case .absent: contents[file.path] = nil
            case .keyed: break
            }
        }
        return contents.sorted { $0.key < $1.key }
            .map { FlagEntry(String($0.key.dropFirst(directory.path.count + 1)), $0.value) }
    }

    private func texts(
        of environment: [EnvironmentFile],
        _ desired: DesiredNode,
        _ afterWriting: Bool
    ) -> [EnvironmentText]? {
        var texts: [EnvironmentText] = []
        for file in environment {
            var content: Content?
            switch files[file.path] {
            case .found(let found)?: content = found.content
            case .absent?: content = ""
            case .unknown?, nil: content = nil
            }
            guard var content else { return nil }
            if afterWriting, let wanted = desired.files.first(where: { $0.path == file.path }),
                case .keyed(let edit) = wanted.body
            {
                content = KeyedText(content, format: edit.format).applying(edit, includingRecommended: false)
            }
            texts.append(EnvironmentText(file, content))
        }
        return texts
    }
}
