internal import Specs

/// What a node's engine holds, as it answers now.
enum NodeImages {
    static func read(_ answer: ImagesAnswer) -> Observation<ObservedEngine> {
        guard let list = try? AppValue(json: Array(answer.inspected.utf8)).items else {
            return .unknown("its list of images cannot be read")
        }
        let names = names(in: answer.table)
        return .found(
            ObservedEngine(
                version: answer.version,
                usesContainerdStore: answer.info.contains("io.containerd.snapshotter"),
                freeBytes: answer.freeBytes,
                images: list.compactMap { image($0, names) }.sorted { $0.id < $1.id },
                used: Set(answer.used.split(whereSeparator: \.isWhitespace).map(String.init)),
                stagedBytes: answer.stagedBytes
            )
        )
    }

    private static func image(_ value: AppValue, _ names: [String: [String]]) -> HeldImage? {
        guard let id = value["Id"]?.plainText ?? value["id"]?.plainText else { return nil }
        let tags = texts(value["RepoTags"]).filter { $0 != "<none>:<none>" }
        return HeldImage(
            id: id,
            references: Set(tags + (names[id] ?? [])).sorted(),
            digests: texts(value["RepoDigests"]).filter { $0 != "<none>@<none>" }.sorted(),
            layers: texts(value["RootFS"]?["Layers"]),
            bytes: value["Size"]?.integer ?? 0,
            architecture: value["Architecture"]?.plainText,
            context: value["Config"]?["Labels"]?[ImageLabel.context]?.plainText
        )
    }

    private static func texts(_ value: AppValue?) -> [String] { (value?.items ?? []).compactMap(\.plainText) }

    /// Names by id, from the table: old engines tell them nowhere else.
    private static func names(in table: String) -> [String: [String]] {
        var names: [String: [String]] = [:]
        for line in table.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ").map(String.init)
            guard columns.count >= 3, columns[0] != "<none>", columns[1] != "<none>" else { continue }
            names[columns[2], default: []].append("\(columns[0]):\(columns[1])")
        }
        return names
    }
}

extension ObservedEngine {
    /// Whether `held` is the image that `source` has.
    ///
    /// Ids compare between engines of one era and one kind of store, layers where both tell them (mesos-zk-ops.md 7).
    func isSame(_ held: HeldImage, _ source: SourceImage) -> Bool {
        if held.id == source.id { return true }
        let isComparable =
            usesContainerdStore == source.usesContainerdStore && held.layers.isEmpty == source.layers.isEmpty
        guard !isComparable, !held.layers.isEmpty else { return false }
        return held.layers == source.layers.map(\.diffID)
    }

    /// Diff ids of `source` that are to be sent: those above the longest chain of its layers that an image here has.
    func lacking(_ source: SourceImage) -> Set<String> {
        let layers = source.layers.map(\.diffID)
        let present = images.map { held in zip(held.layers, layers).prefix { $0 == $1 }.count }.max() ?? 0
        return Set(layers.dropFirst(present))
    }
}
