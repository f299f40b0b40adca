/// Ids of apps and groups: paths that may be relative to the group they stand in (marathon-api.md 4).
enum AppPath {
    /// `id` from the root, `.` and `..` resolved; `group` is absolute.
    static func absolute(_ id: String, in group: String) -> String {
        var parts: [Substring] = id.hasPrefix("/") ? [] : group.split(separator: "/")
        for part in id.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Whether `id` lies in `group`, at any depth; both absolute.
    static func isInside(_ id: String, _ group: String) -> Bool { group == "/" || id.hasPrefix(group + "/") }

    /// `/a` and `/a/b` for `/a/b/c`; the root is left out.
    static func groups(above id: String) -> [String] {
        id.indices.dropFirst().filter { id[$0] == "/" }.map { String(id[..<$0]) }
    }

    /// Longer ids are of no use, and would cost time.
    static let longest = 1024

    /// What is wrong with an id as written.
    static func problem(_ id: String) -> Fault? {
        if id.utf8.count > longest { return Fault("an id has at most \(longest) characters") }
        if id.isEmpty { return Fault("an id must not be empty") }
        if id.split(separator: "/").isEmpty { return Fault("an app's id must not be the root") }
        return segmentProblem(id)
    }

    /// What is wrong with a part of an id.
    static func segmentProblem(_ id: String) -> Fault? {
        let wrong = id.split(separator: "/").first { $0 != "." && $0 != ".." && !isSegment($0) }
        guard let wrong else { return nil }
        let message = "`\(String(wrong).abbreviated)` in id `\(id.abbreviated)` is refused by Marathon"
        return Fault(message, hint: "ids have a-z, 0-9, inner `-`, and dots between such words")
    }

    private static func isSegment(_ segment: Substring) -> Bool {
        segment.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            let isMade = label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
            return !label.isEmpty && isMade && label.first != "-" && label.last != "-"
        }
    }
}
