/// A file of interfaces(5) as its lines: what is not edited stays as it is, byte by byte.
///
/// A stanza goes from its keyword to the next one; lines that end with a backslash go on in the next; a line whose first
/// character that is no blank is `#` is a comment, and none begins later in a line (interfaces(5), "FILE FORMAT").
struct InterfacesFile: Hashable {
    /// A logical line: one of the file, or several that backslashes join.
    struct Line: Hashable {
        /// With its newline, where it has one.
        var raw: String
        /// Empty for comments and blank lines.
        var words: [String]

        var keyword: String { words.first ?? "" }
        /// What stands before the first word.
        var indentation: String { String(raw.prefix { $0 == " " || $0 == "\t" }) }
        /// Everything after the first word.
        var value: String { words.dropFirst().joined(separator: " ") }
    }

    /// An `iface NAME FAMILY METHOD` with its options.
    struct Stanza: Hashable {
        /// Where the keyword is.
        var head: Int
        /// Lines after it up to the next stanza; comments and blank lines among them.
        var body: Range<Int>
        var name: String
        var family: String
        var method: String
        /// `inherits TEMPLATE` and whatever else follows.
        var rest: [String]
    }

    var lines: [Line]

    init(_ text: String) {
        lines = []
        var pending = ""
        for raw in InterfacesFile.rawLines(text) {
            pending += raw
            let content = raw.hasSuffix("\n") ? raw.dropLast() : raw[...]
            let isComment = pending.drop { $0 == " " || $0 == "\t" }.first == "#"
            if content.hasSuffix("\\"), raw.hasSuffix("\n"), !isComment { continue }
            lines.append(Line(raw: pending, words: InterfacesFile.words(of: pending)))
            pending = ""
        }
        if !pending.isEmpty { lines.append(Line(raw: pending, words: InterfacesFile.words(of: pending))) }
    }

    var text: String { lines.map(\.raw).joined() }

    var stanzas: [Stanza] {
        lines.indices.filter { lines[$0].keyword == "iface" }.map { head in
            let words = lines[head].words
            let end = lines[(head + 1)...].firstIndex { Self.begins($0.keyword) } ?? lines.count
            return Stanza(
                head: head,
                body: head + 1..<end,
                name: words.count > 1 ? words[1] : "",
                family: words.count > 2 ? words[2] : "",
                method: words.count > 3 ? words[3] : "",
                rest: Array(words.dropFirst(4))
            )
        }
    }

    /// Whether a stanza begins with this word.
    private static func begins(_ keyword: String) -> Bool {
        let keywords = [
            "iface", "mapping", "auto", "source", "source-dir", "source-directory", "rename", "template",
            "no-auto-down",
            "no-scripts",
        ]
        return keywords.contains(keyword) || keyword.hasPrefix("allow-")
    }

    private static func words(of logical: String) -> [String] {
        guard logical.drop(while: { $0 == " " || $0 == "\t" }).first != "#" else { return [] }
        return logical.replacing("\\\n", with: " ").split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
    }

    private static func rawLines(_ text: String) -> [String] {
        var lines: [String] = []
        var rest = text[...]
        while let end = rest.firstIndex(of: "\n") {
            lines.append(String(rest[...end]))
            rest = rest[rest.index(after: end)...]
        }
        return rest.isEmpty ? lines : lines + [String(rest)]
    }
}
