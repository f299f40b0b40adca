internal import Specs

extension KeyedEdit {
    /// One phrase per declared key that is not as declared: `tickTime 2000 → 3000`, `+ server.3=…`, `- server.4=…`.
    func differences(from content: Content) -> [String] {
        KeyedText(content, format: format).changes(by: self).map { change in
            func shown(_ value: Content) -> String { ShownContent.value(value, of: change.key).shown }
            switch (change.before.map(shown), change.after.map(shown)) {
            case (let old?, let new?): return "\(change.key) \(old) → \(new)"
            case (nil, let new?): return "+ \(change.key)=\(new)"
            case (let old, nil): return "- \(change.key)=\(old ?? "")"
            }
        }
    }

    /// Recommended keys that are neither declared nor set.
    func unmetRecommendations(in content: Content) -> [Entry] {
        KeyedText(content, format: format).missingRecommendations(of: self)
    }

    /// For a file that lives already: what is recommended is advice there.
    var withoutRecommendations: KeyedEdit {
        var edit = self
        edit.recommended = []
        return edit
    }

    var declaredDigest: String { Self.digest(set.map { ($0.key, $0.value) }) }

    /// The digest of the keys we own as they are in `content`; equal to `declaredDigest` where nothing differs.
    func managedDigest(of content: Content) -> String {
        let text = KeyedText(content, format: format)
        let changed = Dictionary(uniqueKeysWithValues: text.changes(by: self).map { ($0.key, $0.before) })
        var present: [(String, Content)] = []
        for entry in set {
            if let before = changed[entry.key] {
                if let before { present.append((entry.key, before)) }
            } else {
                present.append((entry.key, entry.value))
            }
        }
        let declared = Set(set.map(\.key))
        for (key, before) in changed where !declared.contains(key) {
            if let before { present.append((key, before)) }
        }
        return Self.digest(present)
    }

    private static func digest(_ pairs: [(String, Content)]) -> String {
        Content(pairs.map { "\($0)=\($1.shown)" }.sorted().joined(separator: "\n")).digest
    }

    /// The new text; nil where a part of the old one is redacted, so that only the node can write it back.
    ///
    /// A file that is not there yet gets what is recommended too.
    func applied(to content: Content?) -> Content? {
        let text = KeyedText(content ?? "", format: format)
        let result = text.applying(self, includingRecommended: content == nil)
        return result.segments.contains(.redacted) ? nil : result
    }
}
