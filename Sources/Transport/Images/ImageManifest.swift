internal import FoundationEssentials
internal import Reconciler

/// One image of an archive's manifest.json (mesos-zk-ops.md 7).
struct ImageManifest: Hashable, Sendable, Codable {
    /// Where its configuration is in the archive.
    var config: String
    var tags: [String]?
    /// Where its layers are, from the lowest up.
    var layers: [String]

    enum CodingKeys: String, CodingKey {
        case config = "Config"
        case tags = "RepoTags"
        case layers = "Layers"
    }

    static func list(_ bytes: [UInt8]) -> [ImageManifest]? {
        try? JSONDecoder().decode([ImageManifest].self, from: Data(bytes))
    }

    /// What `reference` is: the one so named, or the only one.
    static func pick(_ reference: String, from list: [ImageManifest]) -> ImageManifest? {
        list.first { $0.tags?.contains(reference) ?? false } ?? (list.count == 1 ? list.first : nil)
    }

    /// As it is written: keys sorted, so that the same image makes the same bytes.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode([self])).map { [UInt8]($0) } ?? []
    }
}

/// What an image's configuration says of its layers; its SHA-256 is the image's id (mesos-zk-ops.md 7).
struct ImageConfig: Hashable, Sendable {
    var bytes: [UInt8]
    var diffIDs: [String]
    var architecture: String?

    init?(_ bytes: [UInt8]) {
        struct Shape: Decodable {
            struct Root: Decodable { var diff_ids: [String]? }
            var architecture: String?
            var rootfs: Root?
        }
        guard let shape = try? JSONDecoder().decode(Shape.self, from: Data(bytes)),
            let diffIDs = shape.rootfs?.diff_ids, diffIDs.allSatisfy({ isDigest($0) })
        else { return nil }
        self.bytes = bytes
        self.diffIDs = diffIDs
        architecture = shape.architecture
    }

    /// `sha256:…`.
    var id: String { "sha256:" + sha256(bytes: bytes) }
}

/// Whether `text` is `sha256:` and 64 lower-case hexadecimal digits: it becomes part of a file's name.
func isDigest(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst("sha256:".utf8.count)
    return text.hasPrefix("sha256:") && digits.count == 64
        && digits.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
        }
}

/// The digits of an id or digest, with or without what comes before them.
func digits(of id: String) -> String {
    id.hasPrefix("sha256:") ? String(id.dropFirst("sha256:".count)) : id
}

/// Layers in their order, each once: an image may have the same layer twice.
func eachOnce(_ diffIDs: [String]) -> [String] {
    var seen: Set<String> = []
    return diffIDs.filter { seen.insert($0).inserted }
}
