/// The Docker engine of a node with its command line: images, tags, archives, containers (mesos-zk-ops.md 7).
///
/// There is no registry: a pull fails. What clients of 20.10.24 print is as recorded in labs/docker-20.10-save-load.txt
/// where it is in there; the words of 1.4.1 and 1.13 are from memory. Left out: networks, volumes, logs, exec, build
/// files, the events stream.
public struct DockerEngine: Sendable, Codable {
    public let version: DockerVersion
    /// Whether the daemon runs; the client answers without it.
    public internal(set) var isRunning = true
    /// Whether containers outlive the daemon (1.12 and later).
    public var isLiveRestoring = false
    /// What is free where the daemon keeps its data; nil for enough.
    public var freeBytes: Int?
    /// Whether images are kept by containerd (a choice from 23 on, the default of fresh installations from 29 on).
    public var usesContainerdStore: Bool {
        get { containerdStore ?? false }
        set { containerdStore = newValue ? true : nil }
    }
    private var containerdStore: Bool?
    /// By id.
    public internal(set) var images: [String: DockerImage] = [:]
    /// Ids by `repository:tag`.
    public internal(set) var tags: [String: String] = [:]
    /// In the order of their creation.
    public internal(set) var containers: [DockerContainer] = []
    let node: String
    var numbers: SeededNumbers

    /// An engine without images whose daemon runs.
    /// - Parameters:
    ///   - version: Of daemon and client.
    ///   - node: Name of the machine.
    ///   - seed: Of ids that are no digests.
    public init(version: DockerVersion, node: String, seed: UInt64) {
        self.version = version
        self.node = node
        numbers = SeededNumbers(seed, for: "docker \(node)")
    }

    /// The daemon begins; where the last one did not end in order, the machine went down, and containers with it.
    public mutating func startEngine(at now: Moment) {
        if isRunning {
            for index in containers.indices where containers[index].isRunning {
                containers[index].state = .exited(status: 255, at: now)
            }
        }
        isRunning = true
    }

    /// The daemon ends.
    /// - Returns: Names of the containers that end with it.
    public mutating func stopEngine(at now: Moment) -> [String] {
        isRunning = false
        if isLiveRestoring, version.hasLiveRestore { return [] }
        var ended: [String] = []
        for index in containers.indices where containers[index].isRunning {
            containers[index].state = .exited(status: 137, at: now)
            ended.append(containers[index].name)
        }
        return ended
    }

    /// Makes an image as `docker build` does, and tags it.
    /// - Parameters:
    ///   - reference: `repository` or `repository:tag`.
    ///   - base: The image it is built from; nil for scratch.
    ///   - content: What is in the new layer: the same content gives the same layer.
    ///   - bytes: Unpacked size of the layer.
    ///   - comment: Part of the configuration.
    ///   - now: The time of its creation, which goes into its id.
    /// - Returns: Its id, with `sha256:` from 1.10 on.
    @discardableResult
    public mutating func build(
        _ reference: String,
        from base: String? = nil,
        content: String,
        bytes: Int,
        comment: String = "",
        at now: Moment
    ) -> String {
        let below = base.flatMap { imageID($0) }.flatMap { images[$0]?.layers } ?? []
        let layer = DockerLayer(diffID: "sha256:" + DockerDigest.hex(content), bytes: bytes)
        var image = DockerImage(id: "", layers: below + [layer], created: now, comment: comment)
        image.id = version.isContentAddressed ? id(of: image) : randomID()
        images[image.id] = image
        tags[DockerReference.tagged(reference)] = image.id
        return image.id
    }

    /// Makes an image whose id follows from its content alone, and tags it.
    ///
    /// - Parameters:
    ///   - reference: `repository` or `repository:tag`.
    ///   - contents: Of its layers, from the lowest up.
    ///   - labels: Of its configuration.
    ///   - created: Goes into its id.
    /// - Returns: Its id.
    @discardableResult
    public mutating func add(
        _ reference: String,
        layers contents: [DockerImage.Content],
        labels: [String: String] = [:],
        created: Moment
    ) -> String {
        let layers = contents.map { DockerLayer(diffID: "sha256:" + DockerDigest.hex($0.text), bytes: $0.bytes) }
        var image = DockerImage(id: "", layers: layers, created: created, labels: labels.isEmpty ? nil : labels)
        image.id = version.isContentAddressed ? id(of: image) : DockerDigest.hex("v1 " + image.configuration.text)
        images[image.id] = images[image.id] ?? image
        tags[DockerReference.tagged(reference)] = image.id
        return image.id
    }

    /// From 1.10 on: the digest of the configuration, or of the manifest where containerd keeps it.
    func id(of image: DockerImage) -> String {
        usesContainerdStore ? "sha256:" + DockerDigest.hex("manifest " + image.configuration.text) : image.digest
    }

    /// The id of what a name, a name and tag, or a (short) id refers to; nil where there is none.
    public func imageID(_ reference: String) -> String? {
        if let id = tags[DockerReference.tagged(reference)] { return id }
        let digits = reference.hasPrefix("sha256:") ? reference.dropFirst(7) : reference[...]
        guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit) else { return nil }
        let matches = images.keys.filter { Self.digits($0).hasPrefix(digits) }
        return matches.count == 1 ? matches[0] : nil
    }

    /// `repository:tag` of an image, sorted.
    public func tags(of id: String) -> [String] { tags.filter { $0.value == id }.keys.sorted() }

    /// Bytes that images take of the disk; a layer of several images counts once.
    public var diskBytes: Int {
        var layers: [String: Int] = [:]
        for image in images.values {
            for (directory, layer) in zip(image.layerDirectories, image.layers) { layers[directory] = layer.bytes }
        }
        return layers.values.reduce(0, +)
    }

    /// A container by name or (short) id.
    public func container(_ reference: String) -> DockerContainer? { index(of: reference).map { containers[$0] } }

    /// A container's main process has ended by itself.
    public mutating func containerEnded(_ reference: String, status: Int, at now: Moment) {
        guard let index = index(of: reference), containers[index].isRunning else { return }
        containers[index].state = .exited(status: status, at: now)
    }

    func index(of reference: String) -> Int? {
        let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
        return containers.firstIndex { $0.name == name }
            ?? containers.firstIndex { reference.count >= 3 && $0.id.hasPrefix(reference) }
    }

    mutating func randomID() -> String {
        (0..<4).map { _ in
            let digits = String(numbers.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    static func digits(_ id: String) -> Substring { id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...] }

    /// The first 12 digits.
    static func short(_ id: String) -> String { String(digits(id).prefix(12)) }
}
