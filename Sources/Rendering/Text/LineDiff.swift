/// The difference of two texts, line by line, in the form of `diff -u`.
struct LineDiff: Hashable {
    enum Line: Hashable {
        case same(String)
        case removed(String)
        case added(String)
        /// The line before it ends the text without a newline.
        case noNewline
        /// `@@ -1,4 +1,5 @@`
        case hunk(String)
    }

    var lines: [Line]

    /// `context` equal lines are shown around each difference; nil text stands for a file that is not there.
    init(from old: String?, to new: String?, context: Int = 3) {
        let edits = Self.edits(Self.split(old), Self.split(new))
        lines = Self.hunks(edits, context: context)
    }

    /// A line and whether a newline ends it, so that a lost last newline is a difference.
    private struct Row: Hashable {
        var text: String
        var isTerminated: Bool
    }

    private enum Edit {
        case same(Row), removed(Row), added(Row)

        var isSame: Bool { if case .same = self { true } else { false } }
    }

    private static func split(_ text: String?) -> [Row] {
        guard let text, !text.isEmpty else { return [] }
        var rows = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Row(text: String($0), isTerminated: true) }
        if rows.last?.text == "" { rows.removeLast() } else { rows[rows.count - 1].isTerminated = false }
        return rows
    }

    /// Longest common subsequence over the part between the common head and tail.
    private static func edits(_ old: [Row], _ new: [Row]) -> [Edit] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let (a, b) = (Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        return old.prefix(head).map(Edit.same) + middle(a, b) + old.suffix(tail).map(Edit.same)
    }

    private static func middle(_ a: [Row], _ b: [Row]) -> [Edit] {
        // Beyond some thousand differing lines nobody reads a minimal difference; both sides whole stay true.
        guard a.count * b.count <= 4_000_000 else { return a.map(Edit.removed) + b.map(Edit.added) }
        let width = b.count + 1
        var common = [Int](repeating: 0, count: (a.count + 1) * width)
        for i in a.indices.reversed() {
            for j in b.indices.reversed() {
                common[i * width + j] =
                    a[i] == b[j]
                    ? common[(i + 1) * width + j + 1] + 1
                    : max(common[(i + 1) * width + j], common[i * width + j + 1])
            }
        }
        var edits: [Edit] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                edits.append(.same(a[i]))
                (i, j) = (i + 1, j + 1)
            } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
                edits.append(.removed(a[i]))
                i += 1
            } else {
                edits.append(.added(b[j]))
                j += 1
            }
        }
        return edits + a[i...].map(Edit.removed) + b[j...].map(Edit.added)
    }

    private static func hunks(_ edits: [Edit], context: Int) -> [Line] {
        var shown = [Bool](repeating: false, count: edits.count)
        for (index, edit) in edits.enumerated() where !edit.isSame {
            for near in max(0, index - context)...min(edits.count - 1, index + context) { shown[near] = true }
        }
        var lines: [Line] = []
        var (oldLine, newLine, index) = (1, 1, 0)
        while index < edits.count {
            guard shown[index] else {
                (oldLine, newLine, index) = (oldLine + 1, newLine + 1, index + 1)
                continue
            }
            let end = shown[index...].firstIndex(of: false) ?? edits.count
            let (body, oldCount, newCount) = hunk(edits[index..<end])
            lines.append(.hunk("@@ -\(range(oldLine, oldCount)) +\(range(newLine, newCount)) @@"))
            lines += body
            (oldLine, newLine, index) = (oldLine + oldCount, newLine + newCount, end)
        }
        return lines
    }

    private static func hunk(_ edits: ArraySlice<Edit>) -> (lines: [Line], old: Int, new: Int) {
        var lines: [Line] = []
        var (old, new) = (0, 0)
        for edit in edits {
            let row: Row
            switch edit {
            case .same(let same):
                row = same
                lines.append(.same(row.text))
                (old, new) = (old + 1, new + 1)
            case .removed(let removed):
                row = removed
                lines.append(.removed(row.text))
                old += 1
            case .added(let added):
                row = added
                lines.append(.added(row.text))
                new += 1
            }
            if !row.isTerminated { lines.append(.noNewline) }
        }
        return (lines, old, new)
    }

    /// As `diff -u` counts: an empty range names the line before it, a range of one has no count.
    private static func range(_ start: Int, _ count: Int) -> String {
        switch count {
        case 0: "\(start - 1),0"
        case 1: "\(start)"
        default: "\(start),\(count)"
        }
    }
}
