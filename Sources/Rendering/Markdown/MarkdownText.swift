internal import Specs

/// Text from nodes and files as it may stand in a comment: it cannot end a fence, open a tag, mention anybody or link.
enum MarkdownText {
    /// In prose: what Markdown, HTML and GitHub's and GitLab's own links would read is spelled so that they do not.
    static func prose(_ text: String, limit: Int = 400) -> String {
        var result = ""
        for scalar in cut(oneLine(text), limit).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "$": result += "\\\(scalar)"
            // A mention, a reference to an issue, a merge request, and a label are sought after Markdown is gone.
            case "@", "#", "!", "%": result += "\(scalar)\u{200B}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.replacing("://", with: ":\u{200B}//")
    }

    /// As code in a line: between more backticks than it has in a row.
    ///
    /// With `inTable` no bar ends its cell.
    static func code(_ text: String, inTable: Bool = false, limit: Int = 200) -> String {
        var shown = cut(oneLine(text), limit)
        guard !shown.isEmpty else { return "" }
        if inTable { shown = shown.replacing("|", with: "¦") }
        let marks = String(repeating: "`", count: longestRun(in: shown) + 1)
        let isTicked = shown.hasPrefix("`") || shown.hasSuffix("`")
        return isTicked ? "\(marks) \(shown) \(marks)" : marks + shown + marks
    }

    /// What opens and closes a block that holds `lines`.
    static func fence(around lines: [String]) -> String {
        String(repeating: "`", count: max(3, (lines.map(longestRun).max() ?? 0) + 1))
    }

    static func cut(_ text: String, _ limit: Int) -> String {
        text.count > limit ? text.prefix(limit - 1) + "…" : text
    }

    private static func longestRun(in text: String) -> Int {
        var (longest, run) = (0, 0)
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
