internal import Glibc
internal import SystemPackage

/// What is where in a tar, with the contents of its small files.
struct TarIndex: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var size: Int
        /// Of its content, in the tar as it is uncompressed.
        var offset: Int
        /// By gzip or zstd: archives of containerd's store hold layers as they were pulled.
        var isCompressed = false

        fileprivate init(size: Int, offset: Int, content: [UInt8]) {
            self.size = size
            self.offset = offset
            isCompressed = content.starts(with: [0x1F, 0x8B]) || content.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        }
    }

    private(set) var files: [String: Entry] = [:]
    private(set) var links: [String: String] = [:]
    /// Of files up to 1 MiB, 64 MiB in all: those that describe the image.
    private(set) var contents: [String: [UInt8]] = [:]

    /// Content and place of what `name` is, after links.
    func entry(_ name: String) -> Entry? { resolved(name).flatMap { files[$0] } }
    func content(_ name: String) -> [UInt8]? { resolved(name).flatMap { contents[$0] } }

    private func resolved(_ name: String) -> String? {
        var name = Self.plain(name)
        for _ in 0..<8 {
            if files[name] != nil { return name }
            guard let target = links[name] else { return nil }
            // A symbolic link's target is relative to it, a hard link's to the root of the archive.
            let relative = Self.plain(name.split(separator: "/").dropLast().joined(separator: "/") + "/" + target)
            name = files[relative] != nil || links[relative] != nil ? relative : Self.plain(target)
        }
        return nil
    }

    static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    private static let small = 1 << 20
    private static let smallInAll = 64 << 20

    /// Goes through a whole tar.
    ///
    /// - Throws: Where it is none or ends before its end.
    init(_ source: inout some TarSource & ~Copyable) async throws(TarFault) {
        var offset = 0
        var kept = 0
        var longName: String?
        while true {
            let block = try await source.bytes(TarHeader.block)
            offset += TarHeader.block
            guard let header = try TarHeader.read(block) else { return }
            let name = Self.plain(longName ?? header.name)
            let whole = header.size + TarHeader.padding(after: header.size)
            switch header.kind {
            case .longName, .extended:
                guard header.size <= Self.small else { throw .noTar }
                let content = try await source.bytes(whole).prefix(header.size)
                longName = header.kind == .longName ? Self.text(content) : Self.path(content) ?? longName
                offset += whole
                continue
            case .file:
                let isSmall = header.size <= Self.small && kept + header.size <= Self.smallInAll
                let content = try await source.bytes(isSmall ? whole : min(whole, TarHeader.block)).prefix(header.size)
                files[name] = Entry(size: header.size, offset: offset, content: Array(content.prefix(4)))
                if isSmall {
                    contents[name] = Array(content)
                    kept += header.size
                } else {
                    try await source.skip(whole - min(whole, TarHeader.block))
                }
            case .link(let target):
                links[name] = target
                try await source.skip(whole)
            case .other: try await source.skip(whole)
            }
            longName = nil
            offset += whole
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// `LENGTH path=VALUE` of a pax header.
    private static func path(_ bytes: ArraySlice<UInt8>) -> String? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.compactMap { line in
            line.split(separator: " ", maxSplits: 1).last.flatMap {
                $0.hasPrefix("path=") ? String($0.dropFirst("path=".count)) : nil
            }
        }.last
    }
}

/// The bytes of a tar, from its first on.
protocol TarSource: ~Copyable {
    /// Exactly `count`.
    mutating func bytes(_ count: Int) async throws(TarFault) -> [UInt8]
    mutating func skip(_ count: Int) async throws(TarFault)
}

/// A tar as a file of this machine; what is skipped is not read.
struct TarFile: TarSource, ~Copyable {
    private let descriptor: FileDescriptor
    private let size: Int
    private var offset = 0

    init(_ path: String) throws(TarFault) {
        guard let length = PartCache.size(path) else {
            throw .unreadable(String(cString: strerror(errno)).lowercased())
        }
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw .unreadable("\(error)")
        }
        (descriptor, size) = (opened, length)
    }

    deinit { try? descriptor.close() }

    mutating func bytes(_ count: Int) async throws(TarFault) -> [UInt8] {
        guard offset + count <= size else { throw .cutOff }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let from = Int64(offset + done)
            let start = done
            let taken: Int
            do {
                taken = try bytes.withUnsafeMutableBytes {
                    try descriptor.read(
                        fromAbsoluteOffset: from,
                        into: UnsafeMutableRawBufferPointer(rebasing: $0[start...])
                    )
                }
            } catch {
                throw .unreadable("\(error)")
            }
            guard taken > 0 else { throw .cutOff }
            done += taken
        }
        offset += count
        return bytes
    }

    mutating func skip(_ count: Int) async throws(TarFault) {
        guard offset + count <= size else { throw .cutOff }
        offset += count
    }
}

/// A tar as a program prints it.
struct TarStream: TarSource {
    var reader: ProcessPipes.Reader

    mutating func bytes(_ count: Int) async throws(TarFault) -> [UInt8] {
        guard let bytes = await reader.exactly(count) else { throw .cutOff }
        return bytes
    }

    mutating func skip(_ count: Int) async throws(TarFault) {
        guard await reader.skip(count) else { throw .cutOff }
    }
}
