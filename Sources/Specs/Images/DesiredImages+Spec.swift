extension ClusterSpec {
    /// What is wanted of images; nil where cluster.yaml names none.
    ///
    /// `apps` are those of the same reading.
    public func desiredImages(for apps: [AppDefinition]) -> DesiredImages? {
        other.images.isEmpty ? nil : DesiredImages(spec: self, apps: apps)
    }
}

extension DesiredImages {
    /// What `spec` wants of its images for `apps`, which are those of the same reading.
    public init(spec: ClusterSpec, apps: [AppDefinition]) {
        let users = ImageUsers(of: spec.other.images, in: apps)
        let agents = DeclaredAgents(spec)
        let eligible = agents.allowed(users.apps)
        self.init(
            images: spec.other.images.map { image in
                let reference = ImageName(image.name.value).reference
                let ids = users.ids[reference] ?? []
                return DesiredImage(
                    reference: reference,
                    origin: ImageOrigin(image),
                    nodes: spec.nodes(holding: image, runBy: ids, eligible),
                    apps: ids,
                    architecture: image.architecture?.value,
                    position: image.name.position
                )
            },
            transfer: DesiredTransfer(spec.other.transfer),
            prunes: spec.other.policy.pruneImages?.value == .always,
            eligible: eligible.filter { $0.value.count < agents.all.count }
        )
    }
}

/// Who runs which image.
struct ImageUsers {
    /// In the order of the files.
    private(set) var apps: [AppDefinition] = []
    /// Ids by reference, sorted, each once.
    private(set) var ids: [String: [String]] = [:]

    init(of images: [ImageSpec], in apps: [AppDefinition]) {
        let declared = Set(images.map { ImageName($0.name.value).reference })
        // Many apps have few images.
        var references: [String: String] = [:]
        for app in apps {
            guard let image = app.engineImage?.value else { continue }
            let reference = references[image] ?? ImageName(image).reference
            references[image] = reference
            guard declared.contains(reference) else { continue }
            self.apps.append(app)
            ids[reference, default: []].append(app.id.value)
        }
        ids = ids.mapValues { Set($0).sorted() }
    }
}

extension AppDefinition {
    /// The image that Docker's engine runs for it; containers of Mesos' own fetch theirs themselves.
    var engineImage: Located<String>? {
        guard let container, container.usesDocker else { return nil }
        return container.image
    }
}

extension ImageOrigin {
    init(_ image: ImageSpec) {
        let host = image.from.map { ImageHost.ssh(NodeName($0.value)) } ?? .thisMachine
        self =
            if image.via?.value == .registry {
                .registry
            } else if let tar = image.tar {
                .tar(path: tar.value)
            } else if let build = image.build {
                .build(directory: build.value, on: host)
            } else {
                .engine(host)
            }
    }
}

extension DesiredTransfer {
    init(_ spec: TransferSpec) {
        self.init(
            parallel: spec.parallel?.value ?? 4,
            bandwidth: spec.bandwidth?.value,
            isTree: spec.fanOut?.value == .tree
        )
    }
}

extension ClusterSpec {
    /// The nodes that `image` is brought to, in the order of the file.
    ///
    /// `apps` are the ids of those that run it, `eligible` says by id where they may.
    func nodes(holding image: ImageSpec, runBy apps: [String], _ eligible: [String: [NodeName]]) -> [NodeName] {
        let wanted: Set<NodeName> =
            switch image.to?.value ?? .derived {
            case .agents: Set(nodes(with: .mesosAgent).map(\.name.value))
            case .nodes(let names): Set(names.map(\.value))
            case .derived: Set(apps.flatMap { eligible[$0] ?? [] })
            }
        return nodes.map(\.name.value).filter(wanted.contains)
    }
}
