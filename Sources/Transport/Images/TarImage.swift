internal import Glibc
internal import Reconciler

/// A file as `docker save` writes it, on this machine: both layouts, compressed or not (mesos-zk-ops.md 7).
struct TarImage: Sendable {
    enum Compression: String, Hashable {
        case none, gzip, xz, bzip2

        /// By the first bytes of a file.
        init(_ bytes: [UInt8]) {
            self =
                switch true {
                case bytes.starts(with: [0x1F, 0x8B]): .gzip
                case bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]): .xz
                case bytes.starts(with: [0x42, 0x5A, 0x68]): .bzip2
                default: .none
                }
        }
    }

    var path: String
    var compression: Compression
    var index: TarIndex

    /// Reads the whole file.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: `CourierError`, `.damaged` where it is no whole tar.
    static func read(_ path: String, shell: HostShell) async throws(CourierError) -> TarImage? {
        guard access(path, F_OK) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path) }
            return nil
        }
        do throws(TarFault) {
            var file = try TarFile(path)
            let first = (try? await file.bytes(6)) ?? []
            let compression = Compression(first)
            guard compression != .none else {
                var whole = try TarFile(path)
                return TarImage(path: path, compression: .none, index: try await TarIndex(&whole))
            }
            return TarImage(path: path, compression: compression, index: try await unpacked(path, compression, shell))
        } catch {
            if case .unreadable(let words) = error { throw CourierError(.permission, "\(path): \(words)") }
            throw CourierError(.damaged, "\(path): \(error.words); save it again with `docker save`")
        }
    }

    private static func unpacked(
        _ path: String,
        _ compression: Compression,
        _ shell: HostShell
    ) async throws(TarFault) -> TarIndex {
        let process = StreamedProcess(
            program: compression.rawValue,
            arguments: ["-dc", "--", path],
            stall: shell.stall
        )
        let ended: StreamedProcess.Ended<Result<TarIndex, TarFault>>
        do {
            ended = try await process.run(in: shell.access.socketDirectory) { pipes in
                var stream = TarStream(reader: pipes.reader())
                do throws(TarFault) {
                    let index = try await TarIndex(&stream)
                    // To its end, so that the program can say whether the end was the right one.
                    while await stream.reader.next() != nil {}
                    return .success(index)
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .unreadable("\(compression.rawValue): \(error)")
        }
        let index = try ended.value.get()
        guard ended.exitCode == 0 else { throw .unreadable(lastLine(ended.errors)) }
        return index
    }

    private static func unreadable(_ path: String) -> CourierError {
        CourierError(.permission, "\(path): \(String(cString: strerror(errno)).lowercased())")
    }

    /// What `reference` is in it; nil where it holds only others.
    func manifest(_ reference: String) throws(CourierError) -> ImageManifest? {
        guard let bytes = index.content("manifest.json"), let list = ImageManifest.list(bytes) else {
            throw CourierError(
                .damaged,
                "\(path): there is no manifest.json in it; save the image with `docker save` of Docker 1.10 or later"
            )
        }
        return ImageManifest.pick(reference, from: list)
    }

    /// - Returns: nil where it holds only others.
    func image(_ reference: String) throws(CourierError) -> SourceImage? {
        guard let manifest = try manifest(reference) else { return nil }
        let config = try config(manifest)
        var layers: [SourceImage.Layer] = []
        for (diffID, name) in zip(config.diffIDs, manifest.layers) {
            guard let entry = index.entry(name) else {
                throw CourierError(.damaged, "\(path): the layer \(name) is not in it; save it again")
            }
            layers.append(SourceImage.Layer(diffID: diffID, bytes: entry.isCompressed ? nil : entry.size))
        }
        return SourceImage(
            id: config.id,
            layers: layers,
            bytes: eachOnce(manifest.layers).reduce(0) { $0 + (index.entry($1)?.size ?? 0) },
            architecture: config.architecture
        )
    }

    func config(_ manifest: ImageManifest) throws(CourierError) -> ImageConfig {
        guard let bytes = index.content(manifest.config), let config = ImageConfig(bytes) else {
            throw CourierError(.damaged, "\(path): the configuration \(manifest.config) is not in it; save it again")
        }
        let name = manifest.config.split(separator: "/").last.map { $0.split(separator: ".").first ?? $0 }
        guard name.map(String.init) == digits(of: config.id), config.diffIDs.count == manifest.layers.count else {
            throw CourierError(.damaged, "\(path): its configuration is not what its name says; save it again")
        }
        return config
    }
}
