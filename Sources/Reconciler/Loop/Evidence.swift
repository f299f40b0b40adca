internal import Specs

/// What is known of who changed a thing, and when: for people, not for decisions.
public enum Evidence {
    /// A line each, in the order of how much they tell; empty where nothing is known.
    public static func lines(of item: LoopItem, in observed: ObservedCluster) -> [String] {
        let (kind, name) = item.resource.splitOnce(at: ":")
        switch kind {
        case "file":
            guard let node = item.node, let file = observed[node]?.files[name]?.value else { return [] }
            return ["written \(UTCTime.text(file.modified)), owner \(file.owner):\(file.group)"]
        case "service":
            guard let node = item.node, let service = observed[node]?.services[ServiceName(name)]?.value else {
                return []
            }
            guard let started = service.started else { return ["\(service.run.rawValue), \(service.detail)"] }
            return ["its process runs since \(UTCTime.text(started))"]
        case "app":
            guard let app = observed.marathon.value?.apps[name] else { return [] }
            return ["Marathon's version \(app.version)"]
        default: return []
        }
    }
}

extension String {
    fileprivate func splitOnce(at separator: Character) -> (String, String) {
        guard let place = firstIndex(of: separator) else { return (self, "") }
        return (String(self[..<place]), String(self[index(after: place)...]))
    }
}
