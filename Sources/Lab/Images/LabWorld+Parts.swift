internal import Daemons
internal import Reconciler
internal import Specs

/// The parts of images on their way.
extension LabWorld {
    /// What must be read and packed for an archive of an image.
    struct Packing: Sendable {
        var pack: ImagePack
        /// Unpacked, of layers that no part was made of yet.
        var bytesToRead: Int
    }

    /// Bytes of a layer as it travels: images of programs shrink to two fifths.
    private static func travelling(_ bytes: Int) -> Int { bytes * 2 / 5 + 64 }

    /// The parts of an image; they are in the operator's cache then.
    ///
    /// - Parameters:
    ///   - id: Of the image.
    ///   - reference: What the archive names it.
    ///   - engine: Which has it.
    ///   - wanted: Diff ids; nil for all.
    /// - Returns: The parts, and what must be read for them.
    /// - Throws: The image is not there any more.
    mutating func pack(
        _ id: String,
        as reference: String,
        of engine: DockerEngine,
        layers wanted: Set<String>?
    ) throws(Obstacle) -> Packing {
        guard let current = engine.imageID(reference) else {
            throw Obstacle(.absent, "there is no image \(reference) any more")
        }
        guard current == id, var archive = engine.save([reference]), let image = engine.images[id] else {
            throw Obstacle(.moved, "\(reference) is \(current) by now, not \(id)")
        }
        // Engines before 1.10 tell no layers, so nothing of their images can be left out.
        if let wanted, image.id.hasPrefix("sha256:") {
            let leftOut = Set(image.layers.map(\.diffID)).subtracting(wanted).sorted()
            archive.leftOut = leftOut.isEmpty ? nil : leftOut
        }
        let layers = archive.layers
        var parts = layers.map { StagedPart(piece: .layer($0), bytes: Self.travelling($0.bytes)) }
        parts.append(StagedPart(piece: .glue(archive), bytes: 1536))
        var all = images ?? LabImages()
        let unread = zip(layers, parts).filter { all.parts[$1.digest] == nil }.map(\.0.bytes)
        for part in parts { all.parts[part.digest] = part }
        images = all
        let pack = ImagePack(
            id: id,
            reference: reference,
            parts: parts.map { ImagePack.Part(digest: $0.digest, bytes: $0.bytes, diffID: $0.layer?.diffID) },
            isPartial: archive.leftOut != nil,
            unpackedBytes: layers.reduce(0) { $0 + $1.bytes }
        )
        return Packing(pack: pack, bytesToRead: unread.reduce(0, +))
    }

    // MARK: Arriving

    /// How far a node has the parts of a pack.
    func arrived(_ pack: ImagePack, on node: NodeName) -> Int {
        guard let index = indices[node.text] else { return 0 }
        return pack.parts.reduce(0) { $0 + machines[index].node.stagedBytes(of: $1.digest) }
    }

    /// Lets up to `bytes` more of a pack arrive.
    ///
    /// - Parameters:
    ///   - bytes: At most.
    ///   - pack: Whose parts.
    ///   - node: Where to.
    ///   - feeder: Who hands them on; nil for the operator's machine.
    /// - Returns: How many did.
    /// - Throws: Why not all; what arrived until then stays.
    mutating func bring(
        _ bytes: Int,
        of pack: ImagePack,
        to node: NodeName,
        from feeder: NodeName?
    ) throws(Obstacle) -> Int {
        guard let index = indices[node.text] else { throw Obstacle(.unreachable, "\(node): no node of that name") }
        try checkWay(from: feeder, to: index)
        let parts = try available(pack, from: feeder)
        guard machines[index].node.files.isDirectory(StatePath.images) else {
            throw Obstacle(.notStaged, "\(node): \(StatePath.images) is not there; stage it first")
        }
        let (half, present) = (pack.bytes / 2, arrived(pack, on: node))
        let cuts = machines[index].cutsTransfer == true && present + bytes >= half
        var left = cuts ? max(0, half - present) : bytes
        let budget = left
        for (digest, part) in parts where left > 0 {
            left -= try machines[index].node.receive(left, of: digest, part, at: now)
        }
        guard !cuts else {
            machines[index].cutsTransfer = nil
            throw Obstacle(
                .unreachable,
                "\(node): the connection broke (client_loop: send disconnect: Broken pipe); what arrived stays"
            )
        }
        settle(index)
        return budget - left
    }

    private func checkWay(from feeder: NodeName?, to index: Int) throws(Obstacle) {
        let node = machines[index]
        guard network.reaches(from: nil, to: node.name) else {
            throw Obstacle(
                .unreachable,
                "\(node.name): nobody answers (ssh: connect to host \(node.node.address) port 22: No route to host)"
            )
        }
        guard let feeder, feeder != node.node.name else { return }
        guard network.reaches(from: nil, to: feeder.text), network.reaches(from: node.name, to: feeder.text) else {
            throw Obstacle(.feeder, "\(feeder): does not hand parts on to \(node.name): No route to host")
        }
    }

    /// The parts in their order, as the sender has them.
    private func available(
        _ pack: ImagePack,
        from feeder: NodeName?
    ) throws(Obstacle) -> [(digest: String, part: StagedPart)] {
        var parts: [(digest: String, part: StagedPart)] = []
        let index = feeder.flatMap { indices[$0.text] }
        for part in pack.parts {
            let held = index.map { machines[$0].node.staged(part.digest) } ?? images?.parts[part.digest]
            guard let held else {
                guard let feeder else {
                    throw Obstacle(.damaged, "part \(part.digest) is not in the cache; pack \(pack.reference) again")
                }
                throw Obstacle(.feeder, "\(feeder): has no part \(part.digest) to hand on")
            }
            parts.append((part.digest, held))
        }
        return parts
    }
}

extension StagedPart {
    var layer: DockerLayer? {
        if case .layer(let layer) = piece { layer } else { nil }
    }
}

extension LabNode {
    /// A whole part.
    func staged(_ digest: String) -> StagedPart? {
        files.isRegular("\(StatePath.images)/\(digest)") ? stagedParts?[digest] : nil
    }

    /// What is there of a part, whole or not.
    func stagedBytes(of digest: String) -> Int {
        let path = "\(StatePath.images)/\(digest)"
        return (files.attributes(path) ?? files.attributes(path + ".part"))?.size ?? 0
    }

    /// Lets up to `bytes` more of a part arrive; the last one makes it whole.
    ///
    /// - Returns: How many did.
    fileprivate mutating func receive(
        _ bytes: Int,
        of digest: String,
        _ part: StagedPart,
        at now: Moment
    ) throws(Obstacle) -> Int {
        guard staged(digest) == nil else { return 0 }
        let path = "\(StatePath.images)/\(digest)"
        let present = files.attributes(path + ".part")?.size ?? 0
        let more = min(bytes, part.bytes - present)
        let blocks = FileTree.blocks(present + more) - FileTree.blocks(present)
        guard blocks <= freeBytes else {
            throw Obstacle(
                .diskFull,
                "\(name): cat: write error: No space left on device; make room on \(name) and run again"
            )
        }
        let time = clock(at: now)
        partsEnd = partsEnd.map { _ in now + Self.janitorMilliseconds }
        guard present + more == part.bytes else {
            files.fill(path + ".part", bytes: present + more, at: time)
            return more
        }
        files.remove(path + ".part", at: time)
        files.fill(path, bytes: part.bytes, at: time)
        stagedParts = (stagedParts ?? [:]).merging([digest: part]) { _, new in new }
        return more
    }
}
