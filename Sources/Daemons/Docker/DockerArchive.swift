/// What `docker save` writes (mesos-zk-ops.md 7): every image once, with the tags that were asked for.
public struct DockerArchive: Hashable, Sendable, Codable {
    public struct Entry: Hashable, Sendable, Codable {
        public var image: DockerImage
        /// Sorted; empty where it was saved by its id.
        public var tags: [String]
    }

    public var entries: [Entry]
    /// Whether a daemon of 1.10 or later wrote it, with `manifest.json`.
    public var hasManifest: Bool
    /// Diff ids of layers whose `layer.tar` is not in it, sorted; nil for a whole one, as `docker save` writes them.
    public var leftOut: [String]?

    /// What is in it, each layer once, in the order of the tar.
    public var layers: [DockerLayer] {
        var seen = Set(leftOut ?? [])
        return entries.flatMap(\.image.layers).filter { seen.insert($0.diffID).inserted }
    }

    /// Text of `manifest.json`, without the line break at its end.
    public var manifest: String {
        JSON.array(
            entries.map { entry in
                [
                    "Config": .string(configName(entry.image)),
                    "RepoTags": entry.tags.isEmpty ? .null : .array(entry.tags.map { .string($0) }),
                    "Layers": .array(entry.image.layerDirectories.map { .string("\($0)/layer.tar") }),
                ]
            }
        ).text
    }

    /// Text of `repositories`; nil where nothing has a tag.
    public var repositories: String? {
        var repositories: [(String, [(String, String)])] = []
        for entry in entries {
            for tag in entry.tags {
                guard let top = entry.image.layerDirectories.last else { continue }
                let (name, version) = DockerReference.parts(tag)
                if let index = repositories.firstIndex(where: { $0.0 == name }) {
                    repositories[index].1.append((version ?? "latest", top))
                } else {
                    repositories.append((name, [(version ?? "latest", top)]))
                }
            }
        }
        guard !repositories.isEmpty else { return nil }
        let text = repositories.map { name, tags in
            "\"\(name)\":{" + tags.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",") + "}"
        }
        return "{" + text.joined(separator: ",") + "}"
    }

    /// Names of its members, sorted as `tar -t` lists them.
    public var members: [String] {
        let directories = Set(entries.flatMap(\.image.layerDirectories)).sorted()
        let absent = Set(
            entries.flatMap { zip($0.image.layerDirectories, $0.image.layers) }
                .filter { leftOut?.contains($1.diffID) == true }.map(\.0)
        )
        let layers = directories.filter { !absent.contains($0) }
            .flatMap { ["\($0)/", "\($0)/VERSION", "\($0)/json", "\($0)/layer.tar"] }
        let configurations = hasManifest ? entries.map { configName($0.image) } : []
        let others = (hasManifest ? ["manifest.json"] : []) + (repositories == nil ? [] : ["repositories"])
        return (layers + configurations).sorted() + others
    }

    /// Size of the tar: layers are not compressed, and shared ones are in it once.
    public var bytes: Int {
        var layers: [String: Int] = [:]
        for entry in entries {
            for (directory, layer) in zip(entry.image.layerDirectories, entry.image.layers)
            where leftOut?.contains(layer.diffID) != true {
                layers[directory] = layer.bytes
            }
        }
        func padded(_ bytes: Int) -> Int { (bytes + 511) / 512 * 512 }
        return layers.values.reduce(0) { $0 + padded($1) + 4096 } + entries.count * 2048 + 3072
    }

    private func configName(_ image: DockerImage) -> String {
        (image.id.hasPrefix("sha256:") ? String(image.id.dropFirst(7)) : image.id) + ".json"
    }
}

/// Names of images.
enum DockerReference {
    /// Repository and tag; a colon before the last slash belongs to a registry's port.
    static func parts(_ reference: String) -> (name: String, tag: String?) {
        guard let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") else {
            return (familiar(reference), nil)
        }
        return (familiar(String(reference[..<colon])), String(reference[reference.index(after: colon)...]))
    }

    /// With `latest` where no tag is given.
    static func tagged(_ reference: String) -> String {
        let (name, tag) = parts(reference)
        return "\(name):\(tag ?? "latest")"
    }

    /// Without what every client leaves out of names of the public registry.
    private static func familiar(_ name: String) -> String {
        var name = name[...]
        for prefix in ["docker.io/", "index.docker.io/"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        if name.hasPrefix("library/") { name = name.dropFirst("library/".count) }
        return String(name)
    }
}
