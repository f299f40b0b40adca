extension SensitiveNames {
    /// The text of a haproxy.cfg with passwords redacted: the word after `stats auth`, `password` and `insecure-password`
    /// (HAProxy's manual, 3.4 and 4.2).
    ///
    /// A word that is nothing but a declared secret, or for which `isKnown` holds, stays.
    public static func redactingHAProxy(_ text: Content, unless isKnown: (Content) -> Bool) -> Content {
        let lines = text.units.split(separator: "\n", omittingEmptySubsequences: false)
        let redacted = lines.map { line -> [ContentUnit] in
            let words = line.split { $0 == " " || $0 == "\t" }
            let texts = words.map { Array($0).plainText }
            var hidden: [ArraySlice<ContentUnit>] = []
            for (index, text) in texts.enumerated() where index + 1 < words.count {
                let isAuth = text == "auth" && index > 0 && texts[index - 1] == "stats"
                guard isAuth || text == "password" || text == "insecure-password" else { continue }
                hidden.append(words[index + 1])
            }
            return hidden.reversed().reduce(Array(line)) { units, word in
                let isReference = !word.contains { $0.scalar != nil && $0 != ":" }
                guard !isReference, !isKnown(Content(units: word)) else { return units }
                let offset = line.startIndex
                var units = units
                units.replaceSubrange(word.startIndex - offset..<word.endIndex - offset, with: [.opaque(.redacted)])
                return units
            }
        }
        return Content(units: redacted.joined(separator: [ContentUnit.scalar("\n")]))
    }
}
