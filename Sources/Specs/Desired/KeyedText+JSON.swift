/// The text of a JSON object, read and edited by its members; all else is kept byte for byte.
enum JSONObjectText {
    /// One line that holds everything, with an assignment a member; what is wrong with a text that is no object.
    static func lines(_ units: [ContentUnit]) -> (lines: [KeyedLine], fault: String?) {
        // An engine takes an empty file for an object without members.
        guard !units.allSatisfy(JSONTree.isSpace) else { return (units.isEmpty ? [] : [KeyedLine(raw: units)], nil) }
        let tree: JSONTree
        do throws(JSONFault) {
            tree = try JSONScanner.tree(units)
        } catch {
            return ([KeyedLine(raw: units)], "it is no JSON: \(error.message), line \(error.line)")
        }
        guard let members = tree.members else { return ([KeyedLine(raw: units)], "it is JSON, and no object") }
        let assignments = members.map { member in
            KeyedLine.Assignment(
                key: member.key,
                value: .text(Content(units: units[member.value.range])),
                range: member.start..<member.value.range.upperBound,
                valueRange: member.value.range
            )
        }
        return ([KeyedLine(raw: units, assignments: assignments)], nil)
    }

    /// Whether two JSON texts are the same value; texts that are no JSON are compared as they stand.
    static func areEqual(_ a: Content, _ b: Content) -> Bool {
        if a == b { return true }
        guard let left = try? JSONScanner.tree(a.units), let right = try? JSONScanner.tree(b.units) else {
            return false
        }
        return left.means(right)
    }

    // MARK: Editing

    static func setting(_ key: String, to value: Content, in units: [ContentUnit]) -> [ContentUnit] {
        var units = removing(key, from: units, keepingLast: true)
        guard let tree = try? JSONScanner.tree(units), let members = tree.members else {
            // Nothing is there yet.
            return Content("{\n\(indent)\(JSONText.quote(key)): ").units + value.units + Content("\n}\n").units
        }
        if let old = members.last(where: { $0.key == key }) {
            units.replaceSubrange(old.value.range, with: value.units)
            return units
        }
        let member = Content("\(JSONText.quote(key)): ").units + value.units
        guard let last = members.last else {
            let inner = (tree.range.lowerBound + 1)..<(tree.range.upperBound - 1)
            units.replaceSubrange(inner, with: Content("\n\(indent)").units + member + ["\n"])
            return units
        }
        let space = Array(units[..<last.start].reversed().prefix(while: JSONTree.isSpace).reversed())
        let separator: [ContentUnit] = space.isEmpty ? [",", " "] : [","] + space
        units.insert(contentsOf: separator + member, at: last.value.range.upperBound)
        return units
    }

    /// Takes the members called `key` out, each with one comma; of several the last may stay.
    static func removing(_ key: String, from units: [ContentUnit], keepingLast: Bool = false) -> [ContentUnit] {
        var units = units
        while let members = (try? JSONScanner.tree(units))?.members {
            let places = members.indices.filter { members[$0].key == key }
            guard let place = places.first, places.count > (keepingLast ? 1 : 0) else { break }
            let end = members[place].value.range.upperBound
            if place > 0 {
                units.removeSubrange(members[place - 1].value.range.upperBound..<end)
            } else {
                let next = members.count > 1 ? members[1].start : end
                units.removeSubrange(members[place].start..<next)
            }
        }
        return units
    }

    private static let indent = "  "

    // MARK: Hiding

    /// The text with members hidden at any depth, and each other text as `texts` makes it.
    ///
    /// `isHidden` is asked with a member's key and its value: a text as it reads, else as it stands.
    static func redacted(
        _ units: [ContentUnit],
        where isHidden: (_ key: String, _ value: Content) -> Bool,
        texts: (Content) -> Content
    ) -> Content {
        guard let tree = try? JSONScanner.tree(units) else { return texts(Content(units: units)) }
        var replacements: [(range: Range<Int>, units: [ContentUnit])] = []
        func walk(_ tree: JSONTree) {
            switch tree.kind {
            case .text:
                let inner = (tree.range.lowerBound + 1)..<(tree.range.upperBound - 1)
                let kept = Content(units: units[inner])
                let shown = texts(kept)
                if shown != kept { replacements.append((inner, shown.units)) }
            case .word: break
            case .list(let items): items.forEach(walk)
            case .object(let members):
                for member in members {
                    if isHidden(member.key, member.value.reading(in: units)) {
                        replacements.append((member.value.range, [.opaque(.redacted)]))
                    } else {
                        walk(member.value)
                    }
                }
            }
        }
        walk(tree)
        var result = units
        for (range, new) in replacements.reversed() { result.replaceSubrange(range, with: new) }
        return Content(units: result)
    }

    /// The members at any depth with their values, as `redacted` would ask for them.
    static func values(in units: [ContentUnit]) -> [(key: String, value: Content)] {
        func walk(_ tree: JSONTree) -> [(key: String, value: Content)] {
            switch tree.kind {
            case .text, .word: []
            case .list(let items): items.flatMap(walk)
            case .object(let members):
                members.flatMap { [($0.key, $0.value.reading(in: units))] + walk($0.value) }
            }
        }
        return (try? JSONScanner.tree(units)).map(walk) ?? []
    }

    /// The texts at any depth as they stand between their quotes, as `redacted` would ask for them.
    static func texts(in units: [ContentUnit]) -> [Content] {
        func walk(_ tree: JSONTree) -> [Content] {
            switch tree.kind {
            case .word: []
            case .text: [Content(units: units[tree.range].dropFirst().dropLast())]
            case .list(let items): items.flatMap(walk)
            case .object(let members): members.flatMap { walk($0.value) }
            }
        }
        return (try? JSONScanner.tree(units)).map(walk) ?? []
    }
}

extension JSONTree {
    /// A text as it reads; else JSON text without spaces, keys sorted, so that equal values read alike.
    fileprivate func reading(in units: [ContentUnit]) -> Content {
        if case .text(let content) = kind { content } else { canonical(in: units) }
    }

    private func canonical(in units: [ContentUnit]) -> Content {
        switch kind {
        case .text, .word: return Content(units: units[range])
        case .list(let items):
            return "[" + Content(items.flatMap { ($0.canonical(in: units) + ",").segments }) + "]"
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            let parts = sorted.map { Content(JSONText.quote($0.key) + ":") + $0.value.canonical(in: units) + "," }
            return "{" + Content(parts.flatMap(\.segments)) + "}"
        }
    }
}

extension KeyedText {
    /// A JSON object with one member; `value` is JSON text.
    public static func json(member key: String, _ value: Content) -> Content {
        Content("{\(JSONText.quote(key)): ") + value + "}"
    }

    /// What hides parts of a JSON text: members by name at any depth, and within other texts what `texts` hides.
    ///
    /// A text that is no JSON is shown to `texts` whole.
    public static func redactingJSON(
        _ content: Content,
        where isHidden: (_ key: String, _ value: Content) -> Bool,
        texts: (Content) -> Content
    ) -> Content {
        JSONObjectText.redacted(content.units, where: isHidden, texts: texts)
    }

    /// Every member of a JSON text at any depth, with its value as `redactingJSON` asks about it.
    public static func membersOfJSON(_ content: Content) -> [(key: String, value: Content)] {
        JSONObjectText.values(in: content.units)
    }

    /// Every text that is a value in a JSON text, as `redactingJSON` asks about it.
    public static func textsOfJSON(_ content: Content) -> [Content] { JSONObjectText.texts(in: content.units) }
}
