/// A line of a spec file as it may be shown: a webhook's URL is a secret where it is no reference to one, and so is its key.
///
/// Judged by the text alone, as the file may be no YAML. As many scalars as before, so that columns stay.
struct MaskedLine {
    private(set) var scalars: [Unicode.Scalar]

    private static let keys = ["webhook", "url", "secret"].map { Array($0.unicodeScalars) }

    init(_ line: [Unicode.Scalar]) {
        scalars = line
        for index in line.indices {
            guard let key = Self.keys.first(where: { line[index...].starts(with: $0) }) else { continue }
            maskValue(of: index..<index + key.count)
        }
        // The value of a key on the line above.
        if let start = line.firstIndex(where: { !$0.isBlank && !$0.isQuote }) {
            let isURL = ["https://", "http://"].contains { line[start...].starts(with: $0.unicodeScalars) }
            if isURL { mask(from: start, isQuoted: nil, inFlow: false) }
        }
    }

    private mutating func maskValue(of key: Range<Int>) {
        let before = key.lowerBound == 0 ? nil : scalars[key.lowerBound - 1]
        guard before.map({ $0.isBlank || $0.isQuote || $0 == "{" || $0 == "," || $0 == "-" }) ?? true else { return }
        var index = key.upperBound
        if index < scalars.count, scalars[index].isQuote { index += 1 }
        while index < scalars.count, scalars[index].isBlank { index += 1 }
        guard index < scalars.count, scalars[index] == ":" else { return }
        index += 1
        while index < scalars.count, scalars[index].isBlank { index += 1 }
        // What is in a mapping or list has keys of its own, or is no URL.
        guard index < scalars.count, scalars[index] != "{" else { return }
        let quote = scalars[index].isQuote ? scalars[index] : nil
        let inFlow = scalars[..<key.lowerBound].contains("{")
        mask(from: quote == nil ? index : index + 1, isQuoted: quote, inFlow: inFlow)
    }

    private mutating func mask(from start: Int, isQuoted quote: Unicode.Scalar?, inFlow: Bool) {
        var isReference = false
        for index in start..<max(start, scalars.count) {
            let scalar = scalars[index]
            if scalar == "$", index + 1 < scalars.count, scalars[index + 1] == "{" { isReference = true }
            // A reference says where a secret is, not what it is.
            if isReference {
                isReference = scalar != "}"
                continue
            }
            if let quote, scalar == quote { return }
            if quote == nil, inFlow, scalar == "," || scalar == "}" { return }
            scalars[index] = "•"
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
    fileprivate var isQuote: Bool { self == "\"" || self == "'" }
}
