import Specs

/// A text with `1️⃣`-style marks taken out, and where each stood.
struct MarkedText {
    private(set) var text = ""
    private(set) var marks: [SourcePosition] = []

    init(_ source: String, file: String = "cluster.yaml") {
        var found: [Character: SourcePosition] = [:]
        var (line, column) = (1, 1)
        for character in source {
            if character.unicodeScalars.contains("\u{20E3}") {
                found[character] = SourcePosition(file: file, line: line, column: column)
                continue
            }
            text.append(character)
            for scalar in character.unicodeScalars {
                (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
            }
        }
        marks = found.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// Files in memory; `*` in a glob stands for any run of characters but `/`.
struct MemorySource: SpecSource {
    var files: [String: [UInt8]]
    var unreadable: Set<String> = []

    init(_ files: [String: String]) { self.files = files.mapValues { Array($0.utf8) } }

    func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? {
        if unreadable.contains(path) { throw SpecSourceError("\(path): permission denied") }
        return files[path]
    }

    func paths(matching glob: String) throws(SpecSourceError) -> [String] {
        let known = Set(files.keys).union(unreadable)
        return known.filter { matches(Array($0), Array(glob)) }.sorted()
    }

    private func matches(_ path: [Character], _ glob: [Character]) -> Bool {
        guard let head = glob.first else { return path.isEmpty }
        if head == "*" {
            let rest = Array(glob.dropFirst())
            let reach = path.prefix { $0 != "/" }.count
            return (0...reach).contains { matches(Array(path.dropFirst($0)), rest) }
        }
        return path.first == head && matches(Array(path.dropFirst()), Array(glob.dropFirst()))
    }
}
