internal import Glibc
public import Specs
internal import Synchronization

/// Spec files as a git revision has them, read by the system's git; nothing is checked out.
///
/// Reading is asked for synchronously and git is not: what was asked for and is not here yet is noted, `fetch()` gets it, and
/// whoever reads reads again. Two or three rounds bring everything that a declaration names.
public final class GitSpecSource: SpecSource {
    /// The commit that the revision names, short.
    public let commit: String
    private let directory: String
    private let program: String
    /// Of the directory within the work tree: empty or ending in a slash.
    private let prefix: String
    /// Path within the repository → object id, of regular files.
    private let tree: [String: String]
    private let links: Set<String>
    private let state = Mutex(State())

    private struct State {
        var contents: [String: [UInt8]] = [:]
        var wanted: Set<String> = []
    }

    /// As `directory` is at `revision`.
    /// - Throws: Git is not there, or knows no such revision.
    public init(_ revision: String, of directory: String, git program: String = "git") async throws(SpecSourceError) {
        let git = Git(directory: directory.isEmpty ? "." : directory, program: program)
        let name = "\(revision)^{commit}"
        guard let commit = await git.line(["rev-parse", "--verify", "--quiet", "--end-of-options", name]),
            !commit.isEmpty, commit.allSatisfy(\.isHexDigit)
        else {
            throw SpecSourceError(
                "git knows no revision `\(revision)` here; a shallow clone may lack it: git fetch --deepen, or fetch-depth: 0"
            )
        }
        self.commit = await git.line(["rev-parse", "--short", commit]) ?? commit
        self.directory = git.directory
        self.program = program
        prefix = await git.line(["rev-parse", "--show-prefix"]) ?? ""
        guard let listing = await git.output(["ls-tree", "-r", "-z", "--full-tree", commit]) else {
            throw SpecSourceError("git cannot list the files of \(revision)")
        }
        var tree: [String: String] = [:]
        var links: Set<String> = []
        // MODE SP TYPE SP ID TAB PATH NUL (git-ls-tree, OUTPUT FORMAT)
        for entry in listing.split(separator: 0) {
            guard let tab = entry.firstIndex(of: UInt8(ascii: "\t")) else { continue }
            let words = String(decoding: entry[..<tab], as: UTF8.self).split(separator: " ")
            let path = String(decoding: entry[(tab + 1)...], as: UTF8.self)
            guard words.count == 3, words[1] == "blob" else { continue }
            if words[0] == "120000" { links.insert(path) } else { tree[path] = String(words[2]) }
        }
        (self.tree, self.links) = (tree, links)
    }

    public func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? {
        let place = try place(of: path)
        guard !links.contains(place) else {
            throw SpecSourceError("\(path): a symbolic link, which is not followed in a git revision")
        }
        guard tree[place] != nil else { return nil }
        return state.withLock { state in
            if let content = state.contents[place] { return content }
            state.wanted.insert(place)
            return nil
        }
    }

    public func paths(matching pattern: String) throws(SpecSourceError) -> [String] {
        let whole = try place(of: pattern)
        let depth = prefix.split(separator: "/").count
        let found = tree.keys.filter { fnmatch(whole, $0, FNM_PATHNAME | FNM_PERIOD) == 0 }
        // As they are named from the directory of cluster.yaml.
        let named = found.map { path -> String in
            if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
            return String(repeating: "../", count: depth) + path
        }
        return named.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Gets what was asked for since.
    /// - Returns: Whether that was anything, so that reading again is worth it.
    /// - Throws: Git cannot read what it lists.
    public func fetch() async throws(SpecSourceError) -> Bool {
        let wanted = state.withLock { $0.wanted.sorted() }
        guard !wanted.isEmpty else { return false }
        let ids = wanted.compactMap { tree[$0] }
        let git = Git(directory: directory, program: program)
        let input = Array((ids.joined(separator: "\n") + "\n").utf8)
        guard let output = await git.output(["cat-file", "--batch"], input: input),
            let contents = Self.contents(in: output, count: ids.count)
        else { throw SpecSourceError("git cannot read \(wanted[0]) at \(commit)") }
        state.withLock { state in
            for (path, content) in zip(wanted, contents) { state.contents[path] = content }
            state.wanted = []
        }
        return true
    }

    /// `ID SP TYPE SP SIZE LF CONTENTS LF` each (git-cat-file, BATCH OUTPUT); nil where it is not so.
    private static func contents(in output: [UInt8], count: Int) -> [[UInt8]]? {
        var contents: [[UInt8]] = []
        var rest = output[...]
        while contents.count < count {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, let size = Int(words[2]), rest.count > (end - rest.startIndex) + size else {
                return nil
            }
            let start = end + 1
            contents.append(Array(rest[start..<start + size]))
            rest = rest[(start + size)...].dropFirst()
        }
        return contents
    }

    /// Within the repository, without `.` and `..`.
    private func place(of path: String) throws(SpecSourceError) -> String {
        guard !path.hasPrefix("/") else {
            throw SpecSourceError("\(path): outside of the repository, so that git does not know what it was")
        }
        var parts: [Substring] = []
        for part in (prefix + path).split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else {
                throw SpecSourceError("\(path): outside of the repository, so that git does not know what it was")
            }
        }
        return parts.joined(separator: "/")
    }
}

private struct Git {
    var directory: String
    var program: String

    func line(_ arguments: [String]) async -> String? {
        guard let output = await output(arguments) else { return nil }
        var text = String(decoding: output, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    func output(_ arguments: [String], input: [UInt8] = []) async -> [UInt8]? {
        guard let scratch = PrivateDirectory() else { return nil }
        defer { scratch.remove() }
        let child = ChildProcess(
            program: program,
            arguments: ["-C", directory, "--no-optional-locks"] + arguments,
            input: input,
            deadline: .seconds(30)
        )
        guard let ended = try? await child.run(in: scratch.path), ended.exitCode == 0 else { return nil }
        return ended.output
    }
}
