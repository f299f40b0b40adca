internal import Specs

/// Flag directories with everything in them, strays included, and the directories that show an earlier life.
enum DirectoriesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        let flags = Candidates.resources(for: node, in: spec).flatMap { resources in
            paths(resources).map { path in
                FactRequest.directory(
                    path: path,
                    recursive: resources.flagDirectories.contains { $0.path == path && $0.isRecursive }
                )
            }
        }
        return flags + state(of: node, in: spec).map { .directory(path: $0, recursive: false) }
    }

    /// The flag directories, and the families of files within those of agents.
    static func paths(_ resources: NodeResources) -> [String] {
        resources.flagDirectories.flatMap { directory in
            directory.service == .mesosAgent
                ? [directory.path, "\(directory.path)/attributes", "\(directory.path)/resources"] : [directory.path]
        }
    }

    private static func state(of node: NodeSpec, in spec: ClusterSpec) -> [String] {
        var paths: [String] = []
        if node.has(.zookeeper) { paths += StateDirectories.ofZooKeeper(spec).map { "\($0)/version-2" } }
        if node.has(.mesosMaster) { paths += StateDirectories.ofMaster(spec).map { "\($0)/replicated_log" } }
        return paths
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .directory(let path, let recursive) in answers.requests {
            let entries: Observation<[ObservedFile]>? =
                answers.value(of: .directory(path: path, recursive: recursive)) { answer in
                    guard case .directory(_, let entries) = answer else { return nil }
                    return entries.map(answers.redaction.file).sorted { $0.path < $1.path }
                }
            observed.directories[path] = entries
            for entry in entries?.value ?? [] where observed.files[entry.path] == nil {
                observed.files[entry.path] = .found(entry)
            }
        }
        fillIn(answers, &observed)
    }

    /// What a listed directory does not have is absent, so that every file that may be wanted has its observation.
    private static func fillIn(_ answers: Answers, _ observed: inout ObservedNode) {
        let wanted = Candidates.resources(for: answers.node, in: answers.spec).flatMap { $0.files.map(\.path) }
        for path in wanted where observed.files[path] == nil {
            guard observed.directories[FilesFact.parent(of: path)] != nil else { continue }
            observed.files[path] = observed.file(at: path)
        }
    }
}
