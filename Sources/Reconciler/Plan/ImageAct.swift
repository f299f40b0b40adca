public import Specs

/// What a step does to one image.
public struct ImageAct: Hashable, Sendable, Codable {
    public enum Operation: Hashable, Sendable, Codable {
        /// Builds it where it comes from; the steps that ship it learn its id from this one.
        case build(context: String)
        /// Brings it to `node` and loads it.
        case ship(Shipment)
        /// The node pulls it by digest from its registry and names it.
        case pull(digest: String, id: String?)
        /// The node has it under another name.
        case tag(id: String)
        /// Removes an image that nothing uses any more; refused by the engine where a container needs it.
        case remove(id: String)
    }

    /// What is sent.
    public struct Shipment: Hashable, Sendable, Codable {
        /// nil: a step before it builds the image.
        public var image: SourceImage?
        /// Diff ids that the node has none of; nil for the whole image.
        public var lacking: [String]?
        /// Unpacked, of what is sent; nil where layers' sizes are not known.
        public var bytes: Int?

        public init(image: SourceImage?, lacking: [String]? = nil, bytes: Int? = nil) {
            self.image = image
            self.lacking = lacking
            self.bytes = bytes
        }
    }

    public var reference: String
    public var origin: ImageOrigin
    /// nil for a build.
    public var node: NodeName?
    public var operation: Operation
    /// The id that `reference` had on the node; nil: none, or nobody could look yet.
    public var replaced: String?
    /// false: the engine comes with this plan, and what it holds is taken as it is then.
    public var wasSeen: Bool
    /// Whether the replaced image is removed afterwards where nothing uses it.
    public var prunes: Bool
    public var transfer: DesiredTransfer
    /// Of everything that the step does.
    public var deadlineSeconds: Int

    public init(
        reference: String,
        origin: ImageOrigin,
        node: NodeName?,
        operation: Operation,
        replaced: String? = nil,
        wasSeen: Bool = true,
        prunes: Bool = false,
        transfer: DesiredTransfer = DesiredTransfer(),
        deadlineSeconds: Int = 3600
    ) {
        self.reference = reference
        self.origin = origin
        self.node = node
        self.operation = operation
        self.replaced = replaced
        self.wasSeen = wasSeen
        self.prunes = prunes
        self.transfer = transfer
        self.deadlineSeconds = deadlineSeconds
    }
}
