internal import Reconciler
internal import Specs

/// An image where it comes from, ready to be read layer by layer.
struct OpenedOrigin: Sendable {
    enum Storage: Sendable {
        /// Unpacked, in a private directory of its machine.
        case directory(String)
        /// The tar itself.
        case tar(TarImage)
    }

    var place: ShellPlace
    var storage: Storage
    var manifest: ImageManifest
    var config: ImageConfig

    /// Prints a layer, gzipped, from `offset` on.
    func call(for diffID: String, from offset: Int) throws(CourierError) -> ShellCall {
        guard let number = config.diffIDs.firstIndex(of: diffID), number < manifest.layers.count else {
            throw CourierError(.moved, "\(diffID) is no layer of the image any more; run again")
        }
        let name = manifest.layers[number]
        switch storage {
        case .directory(let directory):
            return ShellCall("fetch_file", [directory, "image/\(TarIndex.plain(name))", String(offset)])
        case .tar(let tar):
            guard let entry = tar.index.entry(name) else {
                throw CourierError(.damaged, "\(tar.path): the layer \(name) is not in it; save it again")
            }
            return ShellCall("fetch_range", [tar.path, String(entry.offset), String(entry.size), String(offset)])
        }
    }
}

/// Private directories on origins' machines that are still there.
actor OpenOrigins {
    private var places: [String: ShellPlace] = [:]

    func add(_ directory: String, at place: ShellPlace) { places[directory] = place }

    /// Removes one; its janitor does where this cannot.
    func close(_ directory: String, shell: HostShell) async {
        guard let place = places.removeValue(forKey: directory) else { return }
        // Also when the run is being cancelled: it must not stay.
        let removal = Task { _ = try? await shell.ask([ShellCall("close_place", [directory])], of: .origin, at: place) }
        await removal.value
    }

    func close(shell: HostShell) async {
        for directory in places.keys.sorted() { await close(directory, shell: shell) }
    }
}

extension DockerImageCourier {
    /// Opens the origin of `desired` and makes sure that it still has `image`.
    func open(_ image: SourceImage, of desired: DesiredImage) async throws(CourierError) -> OpenedOrigin {
        let opened: OpenedOrigin
        switch desired.origin {
        case .engine(let host), .build(_, let host):
            let producer = ["docker", "save", desired.reference]
            opened = try await unpack(producer, at: try place(of: host), for: desired.reference)
        case .tar(let path):
            opened = try await open(try await existing(local(path)), for: desired.reference)
        case .registry:
            throw CourierError(.other, "\(desired.reference): nodes pull it themselves; there is nothing to pack")
        }
        let layers = image.layers.map(\.diffID)
        let isSame = image.usesContainerdStore ? opened.config.diffIDs == layers : opened.config.id == image.id
        guard isSame else {
            await close(opened)
            throw CourierError(
                .moved,
                "\(desired.reference): \(opened.place) has another image by that name now (\(opened.config.id)); run again"
            )
        }
        return opened
    }

    func close(_ origin: OpenedOrigin) async {
        if case .directory(let directory) = origin.storage { await origins.close(directory, shell: shell) }
    }

    private func existing(_ path: String) async throws(CourierError) -> TarImage {
        guard let image = try await tar(path) else { throw CourierError(.absent, "\(path): it is not there any more") }
        return image
    }

    private func open(_ tar: TarImage, for reference: String) async throws(CourierError) -> OpenedOrigin {
        guard let manifest = try tar.manifest(reference) else {
            throw CourierError(.absent, "\(tar.path): \(reference) is not in it; save that image into it")
        }
        let hasCompressedLayers = manifest.layers.contains { tar.index.entry($0)?.isCompressed ?? false }
        if tar.compression == .none, !hasCompressedLayers {
            return OpenedOrigin(place: .here, storage: .tar(tar), manifest: manifest, config: try tar.config(manifest))
        }
        let producer = tar.compression == .none ? ["cat"] : [tar.compression.rawValue, "-dc"]
        return try await unpack(producer + ["--", tar.path], at: .here, for: reference)
    }

    /// Unpacks what `producer` prints into a private directory of that machine.
    private func unpack(
        _ producer: [String],
        at place: ShellPlace,
        for reference: String
    ) async throws(CourierError) -> OpenedOrigin {
        let answer = try await opened(ShellCall("open_image", [options.places] + producer), at: place, for: reference)
        let directory = answer.place
        do throws(CourierError) {
            guard let list = ImageManifest.list(answer.manifest),
                let manifest = ImageManifest.pick(reference, from: list)
            else { throw CourierError(.damaged, "\(reference): \(place) gave an archive without its manifest") }
            let path = "\(directory)/image/\(TarIndex.plain(manifest.config))"
            let bytes = try await ask(ShellCall("cat", [path]), at: place)
            guard let config = ImageConfig(bytes), config.diffIDs.count == manifest.layers.count else {
                throw CourierError(.damaged, "\(reference): \(place) gave an archive without its configuration")
            }
            return OpenedOrigin(place: place, storage: .directory(directory), manifest: manifest, config: config)
        } catch {
            await origins.close(directory, shell: shell)
            throw error
        }
    }

    /// Runs the script that opens an origin; what it made is remembered until it is closed.
    func opened(
        _ call: ShellCall,
        at place: ShellPlace,
        for reference: String
    ) async throws(CourierError) -> SourceAnswer.Opened {
        switch SourceAnswer(try await ask(call, at: place)) {
        case .opened(let answer):
            await origins.add(answer.place, at: place)
            return answer
        case .failed(let kind, let words):
            var error = DockerWords.kind(words)
            if kind == "unpack", error == .other { error = .damaged }
            throw CourierError(error, "\(reference): \(place): \(words); \(DockerWords.move(error))")
        case .cutOff:
            throw CourierError(.unreachable, "\(reference): \(place): the answer broke off; run again")
        }
    }

    private func ask(_ call: ShellCall, at place: ShellPlace) async throws(CourierError) -> [UInt8] {
        do throws(NodeAccessError) {
            // Nothing passes while the engine packs.
            return try await shell.ask([call], of: .origin, at: place, stall: options.buildStall).value
        } catch {
            throw CourierError(error)
        }
    }
}
