internal import Glibc
public import Reconciler
public import Specs

extension DockerImageCourier {
    public func pack(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack {
        do throws(CourierError) {
            try cache.prepare()
            // Who asks for the same meanwhile finds everything in the cache afterwards.
            return try await turnstiles.alone(in: "pack \(image.id)") { () throws(CourierError) in
                if image.layers.isEmpty { return try await packWhole(image, of: desired, progress) }
                return try await packLayers(image, of: desired, layers: layers, progress)
            }
        } catch {
            throw masked(error)
        }
    }

    private func packLayers(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        _ progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack {
        let all = eachOnce(image.layers.map(\.diffID))
        let wanted = all.filter { layers?.contains($0) ?? true }
        let missing = wanted.filter { cache.layer($0) == nil }
        if let config = cache.config(image.id), missing.isEmpty, config.diffIDs == image.layers.map(\.diffID) {
            return try assemble(config, reference: desired.reference, layers: wanted)
        }
        let origin = try await open(image, of: desired)
        do throws(CourierError) {
            try cache.keep(origin.config, of: image.id)
            let gate = ProgressGate(progress)
            let total = image.layers.filter { missing.contains($0.diffID) }.reduce(0) { $0 + ($1.bytes ?? 0) }
            var done = 0
            for diffID in missing {
                let before = done
                done += try await fetch(diffID, from: origin) { gate.show(before + $0, of: total) }.bytes
            }
            gate.show(done, of: done)
        } catch {
            await close(origin)
            throw error
        }
        await close(origin)
        return try assemble(origin.config, reference: desired.reference, layers: wanted)
    }

    private func fetch(
        _ diffID: String,
        from origin: OpenedOrigin,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(CourierError) -> PartCache.Layer {
        try await turnstiles.alone(in: "layer \(diffID)") { () throws(CourierError) in
            // Another image may have it too.
            if let layer = cache.layer(diffID) { return layer }
            let fetch = LayerFetch(
                shell: shell,
                place: origin.place,
                path: cache.growing(diffID),
                label: diffID,
                call: { (offset) throws(CourierError) in try origin.call(for: diffID, from: offset) },
                expected: digits(of: diffID),
                pauses: options.pauses
            )
            return try await adopted(fetch, for: diffID, progress)
        }
    }

    private func adopted(
        _ fetch: LayerFetch,
        for diffID: String,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(CourierError) -> PartCache.Layer {
        let (layer, file) = try await fetch.run(progress)
        try cache.adopt(file, as: layer, for: diffID)
        return layer
    }

    /// An archive of our own making in the form that every `docker load` from 1.10 on reads (mesos-zk-ops.md 7): layers
    /// that the node has already are named in its manifest and are not in it.
    private func assemble(
        _ config: ImageConfig,
        reference: String,
        layers: [String]
    ) throws(CourierError) -> ImagePack {
        let all = eachOnce(config.diffIDs)
        let names = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, "\($0)/layer.tar") })
        let configName = "\(digits(of: config.id)).json"
        let manifest = ImageManifest(
            config: configName,
            tags: reference.contains("@") ? nil : [reference],
            layers: config.diffIDs.compactMap { names[$0] }
        )
        var unpacked = manifest.bytes.count + config.bytes.count
        var glue = Self.file("manifest.json", manifest.bytes) + Self.file(configName, config.bytes)
        var parts: [ImagePack.Part] = []
        for diffID in layers {
            guard let layer = cache.layer(diffID), let name = names[diffID] else {
                throw CourierError(.other, "\(cache.directory): a part went while it was needed; run again")
            }
            glue += TarHeader.file(name, size: layer.unpacked)
            parts.append(try cache.keep(StoredGzip.member(glue)))
            parts.append(ImagePack.Part(digest: layer.digest, bytes: layer.bytes, diffID: diffID))
            glue = [UInt8](repeating: 0, count: TarHeader.padding(after: layer.unpacked))
            unpacked += layer.unpacked
        }
        glue += [UInt8](repeating: 0, count: 2 * TarHeader.block)
        parts.append(try cache.keep(StoredGzip.member(glue)))
        return ImagePack(
            id: config.id,
            reference: reference,
            parts: parts,
            isPartial: layers.count < all.count,
            unpackedBytes: unpacked
        )
    }

    private static func file(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        TarHeader.file(name, size: bytes.count) + bytes
            + [UInt8](repeating: 0, count: TarHeader.padding(after: bytes.count))
    }

    /// Engines before 1.10 know no layers by content: the archive as they save it is one part.
    private func packWhole(
        _ image: SourceImage,
        of desired: DesiredImage,
        _ progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack {
        let layer: PartCache.Layer
        if let kept = cache.layer(image.id) {
            layer = kept
        } else {
            guard let host = desired.origin.host else {
                throw CourierError(.damaged, "\(desired.reference): its origin names no layers; save it again")
            }
            layer = try await fetchWhole(image, of: desired, at: try place(of: host), progress)
        }
        return ImagePack(
            id: image.id,
            reference: desired.reference,
            parts: [ImagePack.Part(digest: layer.digest, bytes: layer.bytes)],
            isPartial: false,
            unpackedBytes: layer.unpacked
        )
    }

    private func fetchWhole(
        _ image: SourceImage,
        of desired: DesiredImage,
        at place: ShellPlace,
        _ progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> PartCache.Layer {
        let call = ShellCall("open_whole", [options.places, desired.reference])
        let answer = try await opened(call, at: place, for: desired.reference)
        // What an earlier run began was another archive.
        _ = unlink(cache.growing(image.id))
        do throws(CourierError) {
            guard String(decoding: answer.manifest, as: UTF8.self).contains("\"\(digits(of: image.id))\"") else {
                throw CourierError(
                    .moved,
                    "\(desired.reference): \(place) has another image by that name now; run again"
                )
            }
            let gate = ProgressGate(progress)
            let size = answer.sizes["image.tar"] ?? 0
            let fetch = LayerFetch(
                shell: shell,
                place: place,
                path: cache.growing(image.id),
                label: desired.reference,
                call: { ShellCall("fetch_file", [answer.place, "image.tar", String($0)]) },
                expected: nil,
                pauses: options.pauses
            )
            let (layer, file) = try await fetch.run { gate.show($0, of: size) }
            guard layer.unpacked == size else {
                _ = unlink(file)
                throw CourierError(.damaged, "\(desired.reference): \(place) gave less than it has; run again")
            }
            try cache.adopt(file, as: layer, for: image.id)
            await origins.close(answer.place, shell: shell)
            return layer
        } catch {
            await origins.close(answer.place, shell: shell)
            throw error
        }
    }
}
