public import Specs

/// The half of a courier that looks: it builds, packs and sends nothing.
public protocol ImageLooking: Sendable {
    /// What each origin has, by `DesiredImage.reference`; all at once, each failure the answer of its own image.
    func look(for images: [DesiredImage]) async -> [String: SourceLook]

    /// Removes what this run left anywhere but the nodes' parts (`NodeAction.clearImages`): keys of feeders, opened sources.
    func close() async
}

/// Where images come from, and how their bytes get to nodes.
///
/// Bytes only: what an engine does with them is a `NodeAction`. Conformers: `docker`, ssh and files (`Transport`), and the
/// simulated cluster (`Lab`). Every call has deadlines of its own.
public protocol ImageCourier: ImageLooking {
    /// Builds an image from its context, labelled with the context's digest (`ImageLabel.context`).
    ///
    /// - Throws: `CourierError` where it is not there afterwards; in the builder's last words.
    func build(
        _ image: DesiredImage,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CourierError) -> SourceImage

    /// The parts of an image, ready to be sent.
    ///
    /// - Parameters:
    ///   - image: As `look` or `build` found it.
    ///   - desired: Whose it is.
    ///   - layers: Diff ids that are wanted; nil for the whole image. Asked again with more, only those are added.
    ///   - progress: Of what is read from the origin.
    /// - Returns: The parts, each at hand.
    /// - Throws: `CourierError`; also where the origin has another image by now.
    func pack(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack

    /// Brings every part of `pack` that `node` does not have yet into its directory of parts, each checked there by its digest.
    ///
    /// What arrived before a cut stays, and only the rest is sent. A node's janitor removes parts that nobody has added to for
    /// 15 min, so that nothing stays for good in any ending.
    /// - Parameters:
    ///   - pack: As `pack` made it.
    ///   - node: Where it goes.
    ///   - feeder: A node that has the parts in its own directory and hands them on; nil: this machine sends them.
    ///   - bandwidth: Bytes a second for everything this machine sends.
    ///   - progress: Of this delivery.
    /// - Returns: How much travelled.
    /// - Throws: `CourierError`, with what had been sent by then.
    func deliver(
        _ pack: ImagePack,
        to node: NodeTarget,
        from feeder: NodeTarget?,
        bandwidth: Int?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> Delivery
}

/// An image's archive in parts: gzip members that, one after the other, are what `docker load` reads.
public struct ImagePack: Hashable, Sendable, Codable {
    public struct Part: Hashable, Sendable, Codable {
        /// SHA-256 of the part as it travels, 64 hexadecimal digits; its name in the nodes' directories.
        public var digest: String
        /// As it travels.
        public var bytes: Int
        /// The layer it holds; nil for what lies between layers.
        public var diffID: String?

        public init(digest: String, bytes: Int, diffID: String? = nil) {
            self.digest = digest
            self.bytes = bytes
            self.diffID = diffID
        }
    }

    public var id: String
    public var reference: String
    /// In the order of the archive.
    public var parts: [Part]
    /// Whether layers were left out.
    public var isPartial: Bool
    /// Unpacked, of what is in it.
    public var unpackedBytes: Int

    public init(id: String, reference: String, parts: [Part], isPartial: Bool, unpackedBytes: Int) {
        self.id = id
        self.reference = reference
        self.parts = parts
        self.isPartial = isPartial
        self.unpackedBytes = unpackedBytes
    }

    /// As it travels.
    public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }
}

/// How far a transfer is; bytes as they travel.
public struct TransferProgress: Hashable, Sendable, Codable {
    public var done: Int
    public var total: Int

    public init(done: Int, total: Int) {
        self.done = done
        self.total = total
    }
}

/// What came of a delivery.
public struct Delivery: Hashable, Sendable, Codable {
    /// Bytes that travelled, retries included.
    public var sent: Int
    /// Bytes that were there already.
    public var present: Int

    public init(sent: Int, present: Int) {
        self.sent = sent
        self.present = present
    }
}

/// Why an image is not where it should be.
public struct CourierError: Error, Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// The origin or the node cannot be reached, or a connection broke: again may help.
        case unreachable
        /// The feeder failed; this machine can send instead.
        case feeder
        /// The origin has no such image.
        case absent
        /// The origin has another image than was looked at.
        case moved
        case engineDown
        case permission
        case diskFull
        /// A tar or a layer is not whole, or is not what its digest says.
        case damaged
        case buildFailed
        case cancelled
        case other
    }

    public var kind: Kind
    /// What happened, where, and the next move; no secrets.
    public var message: String
    /// Bytes that had travelled.
    public var sent: Int

    public init(_ kind: Kind, _ message: String, sent: Int = 0) {
        self.kind = kind
        self.message = message
        self.sent = sent
    }
}
