/// Finds the name that was probably meant.
enum Suggestion {
    /// The nearest of `candidates` by edit distance, if it is near enough; the first of equally near ones.
    static func nearest(to name: String, in candidates: [String]) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= 64, candidates.count <= 1000 else { return nil }
        let limit = wanted.count <= 3 ? 1 : wanted.count <= 7 ? 2 : 3
        let scored = candidates.filter { $0.utf8.count <= 128 }.map { ($0, distance(wanted, folded($0))) }
        return scored.filter { $0.1 <= limit && $0.1 < wanted.count }.min { $0.1 < $1.1 }?.0
    }

    /// A hint for `nearest`, else one that lists what is known.
    static func hint(for name: String, in candidates: [String]) -> String? {
        if let near = nearest(to: name, in: candidates) { return "did you mean `\(near)`?" }
        let known = candidates.sorted().joined(separator: ", ")
        return candidates.isEmpty || known.count > 240 ? nil : "known here: \(known)"
    }

    /// Case and word separators count for nothing: `data_dir` is `dataDir`.
    private static func folded(_ name: String) -> [Unicode.Scalar] {
        name.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
