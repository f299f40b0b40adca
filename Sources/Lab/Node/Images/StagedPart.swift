internal import Daemons
internal import Reconciler

/// A part of an image's archive, as a node holds it in its directory of parts.
struct StagedPart: Hashable, Sendable, Codable {
    enum Piece: Hashable, Sendable, Codable {
        case layer(DockerLayer)
        /// Everything between and after layers: which image it is, its names, which layers there are.
        case glue(DockerArchive)
    }

    var piece: Piece
    /// As it travels.
    var bytes: Int

    /// SHA-256 of the part: it follows from what is in it.
    var digest: String {
        switch piece {
        case .layer(let layer): DockerDigest.hex("part \(layer.diffID) \(bytes)")
        case .glue(let archive):
            DockerDigest.hex("glue \(archive.manifest) \(archive.leftOut ?? []) \(bytes)")
        }
    }

    /// What an engine reads when it is given `parts` one after the other.
    static func file(_ parts: [StagedPart]) -> DockerFile {
        guard !parts.isEmpty else { return .empty }
        var layers: [DockerLayer] = []
        var archives: [DockerArchive] = []
        for part in parts {
            switch part.piece {
            case .layer(let layer): layers.append(layer)
            case .glue(let archive): archives.append(archive)
            }
        }
        guard let archive = archives.first, archives.count == 1 else {
            // What says where a layer ends is not there.
            return .garbage
        }
        return .archive(archive, isTruncated: layers != archive.layers)
    }
}

/// A load or a pull that runs detached from whoever began it.
struct ImageJob: Hashable, Sendable, Codable {
    enum Work: Hashable, Sendable, Codable {
        case load(ImageLoad)
        case pull(source: String, reference: String)
    }

    var work: Work
    var ends: Moment
}
