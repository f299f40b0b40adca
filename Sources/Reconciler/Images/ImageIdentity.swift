internal import Specs

/// What an engine's ids are made from; ids of different kinds say nothing about each other (mesos-zk-ops.md 7).
enum ImageIDKind: Hashable {
    /// Drawn at random: Docker before 1.10.
    case drawn
    /// The digest of the image's configuration: the classic store from 1.10 on.
    case configuration
    /// The digest of a manifest or index: containerd's store.
    case manifest

    /// nil where the version says nothing.
    init?(version: String, usesContainerdStore: Bool) {
        guard !usesContainerdStore else {
            self = .manifest
            return
        }
        guard let version = DottedVersion(version) else { return nil }
        self = version < DottedVersion(1, 10) ? .drawn : .configuration
    }
}

extension ObservedEngine {
    var idKind: ImageIDKind? { ImageIDKind(version: version, usesContainerdStore: usesContainerdStore) }
}

extension SourceImage {
    /// Of a tar and a registry, whose engine nobody knows, the id is the configuration's digest where it looks like a digest.
    var idKind: ImageIDKind? {
        if let engineVersion {
            return ImageIDKind(version: engineVersion, usesContainerdStore: usesContainerdStore)
        }
        if usesContainerdStore || id == digest { return .manifest }
        return id.hasPrefix("sha256:") ? .configuration : .drawn
    }

    var diffIDs: [String] { layers.map(\.diffID) }
}

/// Whether what an engine holds is what the origin has.
enum ImageComparison: Hashable {
    case same
    case different
    /// Nothing that both have can be compared; says what they have.
    case incomparable(String)
}

/// Compares images of an origin with those of one engine.
struct ImageIdentity {
    var source: SourceImage
    var engine: ObservedEngine

    /// By id where both are of one kind, else by what was recorded when we brought it, else by diff ids.
    ///
    /// The record comes first: a change of the configuration alone leaves all layers as they are.
    func compare(_ held: HeldImage, record: ImageRecord?) -> ImageComparison {
        if let verdict = byID(held) { return verdict }
        if let record, let verdict = byRecord(held, record) { return verdict }
        if let verdict = byLayers(held) { return verdict }
        let origin = source.engineVersion.map { "Docker \($0)" } ?? "the origin"
        return .incomparable(
            "its id there (\(shortID(held.id)), Docker \(engine.version)) and the origin's (\(shortID(source.id)), \(origin)) are of "
                + "different kinds, and not both tell their layers"
        )
    }

    /// Another name of the same image.
    func synonym(of reference: String) -> HeldImage? {
        engine.images.first { $0.id != engine.image(reference)?.id && (byID($0) ?? byLayers($0)) == .same }
    }

    private func byID(_ held: HeldImage) -> ImageComparison? {
        if let digest = source.digest, held.digests.contains(where: { $0.hasSuffix("@\(digest)") }) { return .same }
        guard let kind = source.idKind, kind == engine.idKind else { return nil }
        if held.id == source.id { return .same }
        // What is loaded into a containerd store gets a manifest of its own.
        return kind == .manifest ? nil : .different
    }

    private func byLayers(_ held: HeldImage) -> ImageComparison? {
        guard !source.layers.isEmpty, !held.layers.isEmpty else { return nil }
        return held.layers == source.diffIDs ? .same : .different
    }

    /// What we brought is still there: then the origin tells whether it has another one since.
    private func byRecord(_ held: HeldImage, _ record: ImageRecord) -> ImageComparison? {
        guard held.id == record.local else { return nil }
        if record.source == source.id { return .same }
        // An engine that was upgraded to 1.10 has given all its images new ids.
        return record.source.hasPrefix("sha256:") == source.id.hasPrefix("sha256:") ? .different : nil
    }
}

/// What the applied record says of an image that we brought to a node: the origin's id, and the id it got there.
struct ImageRecord: Hashable {
    var source: String
    var local: String

    static func resource(_ reference: String) -> String { "image:\(reference)" }

    /// Of an image that a newer one has replaced; the entry's digest is that of the name, or `absent` once it is removed.
    static func superseded(_ id: String) -> String { "superseded:\(id)" }
    /// The id in such a resource.
    static func supersededID(_ resource: String) -> String? {
        resource.hasPrefix("superseded:") ? String(resource.dropFirst("superseded:".count)) : nil
    }

    init(source: String, local: String) {
        self.source = source
        self.local = local
    }

    /// From the digest of an entry; nil for what is none of ours.
    init?(digest: String) {
        let parts = digest.split(separator: " ").map(String.init)
        guard parts.count == 2 else { return nil }
        (source, local) = (parts[0], parts[1])
    }

    var digest: String { "\(source) \(local)" }

    /// A planned entry, once it is known which id the image got on the node; others as they are.
    static func entry(_ planned: AppliedEntry, heldAs local: String) -> AppliedEntry {
        guard planned.resource.hasPrefix("image:"), let record = ImageRecord(digest: planned.digest) else {
            return planned
        }
        var entry = planned
        entry.digest = ImageRecord(source: record.source, local: local).digest
        return entry
    }
}

/// `3f1c2aa` for `sha256:3f1c2aa…`.
public func shortID(_ id: String) -> String { String((id.split(separator: ":").last ?? "").prefix(7)) }
