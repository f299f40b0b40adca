internal import Specs

/// What a running engine took from its files, compared with what is declared.
struct EngineConfiguration {
    /// One phrase per key that it does not run with.
    var differences: [String] = []
    /// Whether it takes all of them at a reload (`DockerDaemonKeys`).
    var canReload = true
    /// Why it cannot be judged, where nothing on disk says either that it must be reloaded.
    var unjudged: String?

    init(of service: Service, _ observed: ObservedService, on node: ObservedNode, files: [DesiredFile]) {
        for file in service.filesReadAtStart(of: files) {
            guard case .keyed(let edit) = file.body else { continue }
            let read = observed.asRead(file.path, on: node)
            guard let content = read ?? node.contentNow(of: file.path) else { continue }
            let changes = KeyedText(content, format: edit.format).changes(by: edit)
            differences += edit.differences(from: content)
            canReload = canReload && changes.allSatisfy { DockerDaemonKeys.isReloadable($0.key) }
            if read == nil, changes.isEmpty, case .found? = node.files[file.path] {
                unjudged =
                    "\(file.path) was written after \(service.name) started; whether it runs with it cannot be seen"
            }
        }
    }
}

extension ObservedNode {
    /// Empty for a file that is not there; nil where it could not be read.
    fileprivate func contentNow(of path: String) -> Content? {
        switch files[path] {
        case .found(let file)?: file.content
        case .absent?: ""
        case .unknown?, nil: nil
        }
    }
}

extension NodeDifference {
    /// Whether the running engine keeps containers while it restarts (`live-restore`, Docker 1.12 and later).
    func keepsContainers(_ service: Service) -> Bool {
        guard let observed = observed.services[service.name]?.value else { return false }
        return desired.files.contains { file in
            guard file.readBy.contains(service.name), case .keyed(let edit) = file.body,
                let content = observed.asRead(file.path, on: self.observed)
            else { return false }
            return KeyedText(content, format: edit.format)["live-restore"]?.plainText == "true"
        }
    }
}
