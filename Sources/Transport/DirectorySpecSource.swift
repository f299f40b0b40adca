internal import Glibc
public import Specs

/// Spec files in a directory of this machine, that of cluster.yaml.
public struct DirectorySpecSource: SpecSource {
    public var directory: String
    /// No spec is larger.
    static let limit = 16 << 20

    public init(_ directory: String) { self.directory = directory.isEmpty ? "." : directory }

    public func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? {
        let descriptor = open(place(of: path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SpecSourceError("\(path): \(systemWords())")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SpecSourceError("\(path): \(systemWords())") }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw SpecSourceError("\(path): a directory")
        case S_IFREG: break
        default: throw SpecSourceError("\(path): no regular file")
        }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SpecSourceError("\(path): \(systemWords())") }
            if count == 0 { return content }
            content += chunk[..<count]
            guard content.count <= Self.limit else {
                throw SpecSourceError("\(path): larger than \(Self.limit >> 20) MiB")
            }
        }
    }

    public func paths(matching pattern: String) throws(SpecSourceError) -> [String] {
        let isAbsolute = pattern.hasPrefix("/")
        // The directory's own name is no pattern.
        let prefix = isAbsolute ? "" : escaped(directory) + "/"
        var found = glob_t()
        defer { globfree(&found) }
        switch glob(prefix + pattern, 0, stopsUnlessMissing, &found) {
        case 0: break
        case GLOB_NOMATCH: return []
        case GLOB_NOSPACE: throw SpecSourceError("\(pattern): out of memory")
        default: throw SpecSourceError("\(pattern): a directory on the way cannot be read")
        }
        let plainPrefix = isAbsolute ? 0 : directory.utf8.count + 1
        let paths = (0..<Int(found.gl_pathc)).compactMap { index -> String? in
            guard let path = found.gl_pathv[index] else { return nil }
            return String(decoding: String(cString: path).utf8.dropFirst(plainPrefix), as: UTF8.self)
        }
        return paths.filter(isFile).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func place(of path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

    private func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(place(of: path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func escaped(_ text: String) -> String {
        text.map { "*?[]\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

/// A directory that is not there holds no match; one that cannot be read might.
private func stopsUnlessMissing(_ path: UnsafePointer<CChar>?, _ error: Int32) -> Int32 {
    error == ENOENT || error == ENOTDIR ? 0 : 1
}

private func systemWords() -> String { String(cString: strerror(errno)).lowercased() }
