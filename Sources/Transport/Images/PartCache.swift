internal import Glibc
internal import Reconciler
internal import SystemPackage
internal import Synchronization

/// Parts kept on this machine, from run to run: `DIGEST` is a part, `layers/DIFFID` says which part holds a layer,
/// `configs/ID` is an image's configuration, and `DIFFID.growing` what has come of a layer so far.
final class PartCache: Sendable {
    struct Layer: Hashable, Sendable {
        var digest: String
        var bytes: Int
        /// Of the layer itself.
        var unpacked: Int
    }

    let directory: String
    private let limit: Int
    /// Parts of this run's packs, which must not go.
    private let pinned = Mutex<Set<String>>([])

    init(_ directory: String, limit: Int) {
        self.directory = directory
        self.limit = limit
    }

    /// Makes its directories.
    func prepare() throws(CourierError) {
        var path = ""
        for part in "\(directory)/layers".split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || access(path, X_OK) == 0 else { throw Self.error(path) }
        }
        guard mkdir("\(directory)/configs", 0o700) == 0 || errno == EEXIST else { throw Self.error(directory) }
    }

    func path(_ digest: String) -> String { "\(directory)/\(digest)" }

    func growing(_ diffID: String) -> String { "\(directory)/\(digits(of: diffID)).growing" }

    /// The part that holds a layer, if it is whole; kept from now on.
    func layer(_ diffID: String) -> Layer? {
        guard let bytes = Self.content("\(directory)/layers/\(digits(of: diffID))") else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let size = Int(words[1]), let unpacked = Int(words[2]) else { return nil }
        let layer = Layer(digest: String(words[0]), bytes: size, unpacked: unpacked)
        guard pin(layer.digest), Self.size(path(layer.digest)) == size else { return nil }
        return layer
    }

    /// Takes over a file that was checked.
    func adopt(_ file: String, as layer: Layer, for diffID: String) throws(CourierError) {
        pinned.withLock { _ = $0.insert(layer.digest) }
        guard rename(file, path(layer.digest)) == 0 else { throw Self.error(path(layer.digest)) }
        let line = "\(layer.digest) \(layer.bytes) \(layer.unpacked)\n"
        try put(Array(line.utf8), at: "layers/\(digits(of: diffID))")
        evict()
    }

    /// Keeps a small part.
    func keep(_ bytes: [UInt8]) throws(CourierError) -> ImagePack.Part {
        let digest = sha256(bytes: bytes)
        pinned.withLock { _ = $0.insert(digest) }
        if Self.size(path(digest)) != bytes.count { try put(bytes, at: digest) }
        return ImagePack.Part(digest: digest, bytes: bytes.count)
    }

    func config(_ id: String) -> ImageConfig? {
        Self.content("\(directory)/configs/\(digits(of: id))").flatMap(ImageConfig.init)
    }

    func keep(_ config: ImageConfig, of id: String) throws(CourierError) {
        try put(config.bytes, at: "configs/\(digits(of: id))")
    }

    /// Drops a part that is not what its name says.
    ///
    /// - Returns: whether it was damaged.
    func dropIfDamaged(_ digest: String) async -> Bool {
        guard let file = try? FileDescriptor.open(FilePath(path(digest)), .readOnly) else { return true }
        defer { try? file.close() }
        var stream = DigestStream()
        while let piece = Self.piece(of: file), !piece.isEmpty { stream.update(piece) }
        guard stream.finish() != digest else { return false }
        _ = unlink(path(digest))
        return true
    }

    /// Up to 256 KiB from where `file` is; empty at its end, nil where it cannot be read.
    static func piece(of file: FileDescriptor, most: Int = 262_144) -> [UInt8]? {
        var count = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, filled in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? -1
            filled = max(0, count)
        }
        return count < 0 ? nil : bytes
    }

    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    static func error(_ path: String) -> CourierError {
        let words = String(cString: strerror(errno)).lowercased()
        let kind: CourierError.Kind =
            switch errno {
            case ENOSPC, EDQUOT: .diskFull
            case EACCES, EPERM, EROFS: .permission
            default: .other
            }
        return CourierError(
            kind,
            "\(path) on this machine: \(words); the cache of parts needs room and a writable place"
        )
    }

    private func pin(_ digest: String) -> Bool {
        pinned.withLock { _ = $0.insert(digest) }
        // Used just now: it goes last.
        return utimensat(AT_FDCWD, path(digest), nil, 0) == 0
    }

    private static func content(_ path: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? file.close() }
        var content: [UInt8] = []
        while let piece = piece(of: file), !piece.isEmpty, content.count < 16 << 20 { content += piece }
        return content
    }

    private func put(_ bytes: [UInt8], at name: String) throws(CourierError) {
        let temporary = "\(directory)/\(NodeScript.randomNonce()).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.error(temporary) }
        let written = (try? FileDescriptor(rawValue: file).writeAll(bytes)) == bytes.count
        let failure = Self.error(temporary)
        guard Glibc.close(file) == 0, written, rename(temporary, "\(directory)/\(name)") == 0 else {
            _ = unlink(temporary)
            throw failure
        }
    }

    /// Removes the oldest parts until there is room; what is younger than an hour and unfinished may be another run's.
    private func evict() {
        guard let listing = opendir(directory) else { return }
        defer { closedir(listing) }
        var files: [(name: String, size: Int, time: Int)] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard stat(path(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            files.append((name, Int(status.st_size), status.st_mtim.tv_sec))
        }
        var total = files.reduce(0) { $0 + $1.size }
        let kept = pinned.withLock { $0 }
        for file in files.sorted(by: { ($0.time, $0.name) < ($1.time, $1.name) }) where total > limit {
            guard !kept.contains(file.name), file.name.utf8.count == 64 || file.time < time(nil) - 3600 else {
                continue
            }
            _ = unlink(path(file.name))
            total -= file.size
        }
    }
}
