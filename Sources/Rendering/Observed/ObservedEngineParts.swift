internal import Reconciler
internal import Specs

extension ObservedDocument {
    /// A Docker engine and what it holds.
    public struct Engine: Hashable, Sendable, Encodable {
        public var version: String
        public var storageDriver: String?
        /// Ids of such a store are no digests of configurations.
        public var containerdStore: Bool
        public var rootDirectory: String?
        /// Where it keeps its data.
        public var freeBytes: Int?
        public var architecture: String?
        /// By id.
        public var images: [Image]
        /// Bytes that an earlier run left in the directory of parts.
        public var stagedBytes: Int

        init(_ engine: ObservedEngine) {
            (version, storageDriver) = (engine.version, engine.storageDriver)
            containerdStore = engine.usesContainerdStore
            (rootDirectory, freeBytes, architecture) = (engine.rootDirectory, engine.freeBytes, engine.architecture)
            images = engine.images.map { Image($0, isUsed: engine.used.contains($0.id)) }
            stagedBytes = engine.stagedBytes
        }
    }

    /// An image that an engine holds.
    public struct Image: Hashable, Sendable, Encodable {
        public var id: String
        /// `repository:tag`.
        public var references: [String]
        /// `repository@sha256:…`.
        public var digests: [String]
        /// Diff ids from the lowest up; empty before Docker 1.10.
        public var layers: [String]
        /// Unpacked.
        public var bytes: Int
        public var architecture: String?
        /// The digest of the build context it was made from, where we built it.
        public var context: String?
        /// A container was made from it.
        public var used: Bool

        init(_ image: HeldImage, isUsed: Bool) {
            (id, references, digests, layers) = (image.id, image.references, image.digests, image.layers)
            (bytes, architecture, context) = (image.bytes, image.architecture, image.context)
            used = isUsed
        }
    }

    /// A declared image where it comes from.
    public struct Origin: Hashable, Sendable, Encodable {
        public struct Layer: Hashable, Sendable, Encodable {
            public var diffID: String
            /// Unpacked.
            public var bytes: Int?
        }

        public struct Source: Hashable, Sendable, Encodable {
            public var id: String
            public var layers: [Layer]
            /// Unpacked.
            public var bytes: Int
            public var architecture: String?
            public var engineVersion: String?
            public var containerdStore: Bool
            /// The manifest's digest; of a registry's image only.
            public var digest: String?

            init(_ image: SourceImage) {
                id = image.id
                layers = image.layers.map { Layer(diffID: $0.diffID, bytes: $0.bytes) }
                (bytes, architecture, engineVersion) = (image.bytes, image.architecture, image.engineVersion)
                (containerdStore, digest) = (image.usesContainerdStore, image.digest)
            }
        }

        public var image: Seen<Source>
        /// The digest of the build context as it is now; absent for what is not built.
        public var context: String?

        init(_ look: SourceLook) {
            image = Seen(look.image, Source.init)
            context = look.context
        }
    }
}

extension ObservedView {
    /// The engine in one line, and each image it holds when verbose.
    func engineRows(of node: ObservedNode) -> [(String, String)] {
        guard case .found(let engine) = node.engine else {
            guard case .found(let version) = node.dockerEngine else { return [] }
            let unseen: [(String, String)] =
                if case .unknown(let why) = node.engine { [("?", "images: \(oneLine(why))")] } else { [] }
            return unseen + [("docker", "engine \(visible(version)) answers")]
        }
        let words = [
            "engine \(visible(engine.version)) answers",
            engine.usesContainerdStore ? "containerd's store" : engine.storageDriver.map { visible($0) },
            count(engine.images.count, "image"), engine.freeBytes.map { "\(bytesInWords($0)) free" },
            engine.stagedBytes > 0 ? "\(bytesInWords(engine.stagedBytes)) left by an earlier run" : nil,
        ]
        let rows = [("docker", words.compactMap(\.self).joined(separator: ", "))]
        return isVerbose ? rows + engine.images.map { ("image", self.words(for: $0, in: engine)) } : rows
    }

    private func words(for image: HeldImage, in engine: ObservedEngine) -> String {
        let names = image.references.isEmpty ? "(no name)" : list(image.references.map { visible($0) })
        let layers = image.layers.isEmpty ? "" : "\(count(image.layers.count, "layer")), "
        let used = engine.used.contains(image.id) ? ", used" : ""
        return "\(names)   \(visible(shortID(image.id))), \(layers)\(bytesInWords(image.bytes))\(used)"
    }

    /// What the origins of declared images have.
    var originLines: [String] {
        guard !observed.images.isEmpty else { return [] }
        let rows = observed.images.sorted { $0.key < $1.key }.map { reference, look -> (String, String) in
            switch look.image {
            case .found(let image):
                let size = image.bytes > 0 ? ", \(bytesInWords(image.bytes))" : ""
                let words =
                    "\(visible(reference))   \(visible(shortID(image.id))), \(count(image.layers.count, "layer"))\(size)"
                return ("origin", words)
            case .absent: return ("origin", "\(visible(reference))   not there")
            case .unknown(let why): return ("?", "origin of \(visible(reference)): \(oneLine(why))")
            }
        }
        return ["  \(style("images", .heading))\n" + lines(rows)]
    }
}
