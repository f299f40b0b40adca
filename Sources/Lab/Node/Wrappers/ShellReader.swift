internal import Daemons

/// A word of a shell file before its expansion.
struct ShellWord {
    enum Part {
        case text(String, isQuoted: Bool)
        case variable(String, fallback: String?)
        case command(String)
    }

    var parts: [Part] = []

    /// The word where it is nothing but unquoted text.
    var plain: String? {
        if case .text(let text, false)? = parts.first, parts.count == 1 { text } else { nil }
    }

    /// `NAME=` at the beginning, unquoted, and the rest as a word.
    var assignment: (name: String, value: ShellWord)? {
        guard case .text(let text, false)? = parts.first, let equals = text.firstIndex(of: "=") else { return nil }
        let name = text[..<equals]
        guard let first = name.first, first.isLetter || first == "_",
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { return nil }
        let rest = String(text[text.index(after: equals)...])
        return (String(name), ShellWord(parts: [.text(rest, isQuoted: false)] + parts.dropFirst()))
    }
}

/// Takes a shell file apart: statements of words, comments left out.
struct ShellReader {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text.unicodeScalars[...] }

    /// The words up to the next newline or `;`; nil at the end.
    mutating func statement() throws(DaemonExit) -> [ShellWord]? {
        while let next = rest.first, isBlank(next) || next == "\n" || next == ";" || next == "#" {
            if next == "#" { skipLine() } else { rest.removeFirst() }
        }
        guard !rest.isEmpty else { return nil }
        var words: [ShellWord] = []
        while let next = rest.first, next != "\n", next != ";" {
            if isBlank(next) {
                rest.removeFirst()
            } else if next == "#" {
                skipLine()
            } else {
                words.append(try word())
            }
        }
        return words
    }

    private mutating func word() throws(DaemonExit) -> ShellWord {
        var word = ShellWord()
        while let next = rest.first, next != "\n", next != ";", !isBlank(next) {
            rest.removeFirst()
            switch next {
            case "'": word.append(try upTo("'"), quoted: true)
            case "\"": try quoted(into: &word)
            case "\\":
                if let escaped = rest.popFirst(), escaped != "\n" { word.append(String(escaped), quoted: true) }
            case "`": word.parts.append(.command(try upTo("`")))
            case "$": try dollar(into: &word)
            default: word.append(String(next), quoted: false)
            }
        }
        return word
    }

    private mutating func quoted(into word: inout ShellWord) throws(DaemonExit) {
        word.append("", quoted: true)
        while let next = rest.popFirst() {
            switch next {
            case "\"": return
            case "\\":
                guard let escaped = rest.popFirst() else { break }
                if escaped == "\n" { continue }
                let keeps = !"$`\"\\".unicodeScalars.contains(escaped)
                word.append((keeps ? "\\" : "") + String(escaped), quoted: true)
            case "`": word.parts.append(.command(try upTo("`")))
            case "$": try dollar(into: &word)
            default: word.append(String(next), quoted: true)
            }
        }
        throw DaemonExit("unexpected EOF while looking for matching `\"'")
    }

    /// What follows a `$`.
    private mutating func dollar(into word: inout ShellWord) throws(DaemonExit) {
        switch rest.first {
        case "(":
            rest.removeFirst()
            word.parts.append(.command(try upTo(")")))
        case "{":
            rest.removeFirst()
            let inner = try upTo("}")
            let name = inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let operation = inner.dropFirst(name.count)
            guard operation.isEmpty || operation.hasPrefix(":-") || operation.hasPrefix("-") else {
                throw DaemonExit("${\(inner)}: bad substitution")
            }
            let fallback = operation.drop { $0 == ":" }.dropFirst()
            word.parts.append(.variable(String(name), fallback: operation.isEmpty ? nil : String(fallback)))
        default:
            let name = rest.prefix { $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" }
            rest.removeFirst(name.count)
            if name.isEmpty {
                word.append("$", quoted: true)
            } else {
                word.parts.append(.variable(String(name), fallback: nil))
            }
        }
    }

    private mutating func upTo(_ end: Unicode.Scalar) throws(DaemonExit) -> String {
        guard let index = rest.firstIndex(of: end) else {
            throw DaemonExit("unexpected EOF while looking for matching `\(end)'")
        }
        defer { rest = rest[rest.index(after: index)...] }
        return String(rest[..<index])
    }

    private mutating func skipLine() {
        while let next = rest.first, next != "\n" { rest.removeFirst() }
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}

extension ShellWord {
    fileprivate mutating func append(_ text: String, quoted: Bool) {
        if case .text(let before, quoted)? = parts.last {
            parts[parts.count - 1] = .text(before + text, isQuoted: quoted)
        } else {
            parts.append(.text(text, isQuoted: quoted))
        }
    }
}
