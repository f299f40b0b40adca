/// One scalar of a text, or a whole secret or redacted part, so that parsers can go through text without knowing secrets.
enum ContentUnit: Hashable, Sendable, ExpressibleByUnicodeScalarLiteral {
    case scalar(Unicode.Scalar)
    case opaque(Content.Segment)

    init(unicodeScalarLiteral scalar: Unicode.Scalar) { self = .scalar(scalar) }

    var scalar: Unicode.Scalar? {
        if case .scalar(let scalar) = self { scalar } else { nil }
    }
}

extension Content {
    /// With every line redacted that is in none of `texts`.
    ///
    /// For files that are declared with a secret in them: who knows what a line that is not declared holds.
    public func keepingLines(of texts: Set<Content>) -> Content {
        func lines(_ content: Content) -> [[ContentUnit]] {
            content.units.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        }
        let known = Set(texts.flatMap(lines))
        let kept = lines(self).map { $0.isEmpty || known.contains($0) ? $0 : [.opaque(.redacted)] }
        return Content(units: kept.joined(separator: [ContentUnit.scalar("\n")]))
    }

    var units: [ContentUnit] {
        segments.flatMap { segment -> [ContentUnit] in
            switch segment {
            case .literal(let text): text.unicodeScalars.map { .scalar($0) }
            case .secret, .redacted: [.opaque(segment)]
            }
        }
    }

    init(units: some Sequence<ContentUnit>) {
        var segments: [Segment] = []
        var literal = String.UnicodeScalarView()
        for unit in units {
            switch unit {
            case .scalar(let scalar): literal.append(scalar)
            case .opaque(let segment):
                segments += [.literal(String(literal)), segment]
                literal = String.UnicodeScalarView()
            }
        }
        self.init(segments + [.literal(String(literal))])
    }

    /// Without the newlines at its end, as `$(cat file)` reads it.
    public var withoutTrailingNewlines: Content {
        let units = units
        let end = units.lastIndex { $0 != "\n" }.map { $0 + 1 } ?? 0
        return Content(units: units[..<end])
    }
}

extension Sequence<ContentUnit> {
    /// The text, if no part of it is opaque.
    var plainText: String? {
        var text = String.UnicodeScalarView()
        for unit in self {
            guard let scalar = unit.scalar else { return nil }
            text.append(scalar)
        }
        return String(text)
    }
}
