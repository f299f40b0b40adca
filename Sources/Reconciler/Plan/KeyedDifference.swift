internal import Specs

extension KeyedEdit {
    /// One phrase per declared key that is not as declared: `tickTime 2000 → 3000`, `+ server.3=…`, `- server.4=…`.
    func differences(from content: Content) -> [String] {
        let present = KeyedText(content.shown, format: format)
        var phrases: [String] = []
        for entry in set {
            let wanted = entry.value.shown
            switch present.value(of: entry.key) {
            case wanted?: break
            case let found?: phrases.append("\(entry.key) \(found) → \(wanted)")
            case nil: phrases.append("+ \(entry.key)=\(wanted)")
            }
        }
        for key in undeclaredOwnedKeys(in: present) {
            phrases.append("- \(key)=\(present.value(of: key) ?? "")")
        }
        return phrases
    }

    /// Recommended keys that are neither declared nor set.
    func unmetRecommendations(in content: Content) -> [Entry] {
        let present = KeyedText(content.shown, format: format)
        return recommended.filter { entry in
            present.value(of: entry.key) == nil && !set.contains { $0.key == entry.key }
        }
    }

    var declaredDigest: String {
        Content(set.map { "\($0.key)=\($0.value.shown)" }.sorted().joined(separator: "\n")).digest
    }

    /// The digest of the keys we own as they are in `content`.
    func managedDigest(of content: Content) -> String {
        let present = KeyedText(content.shown, format: format)
        let declared = set.compactMap { entry in present.value(of: entry.key).map { "\(entry.key)=\($0)" } }
        let owned = undeclaredOwnedKeys(in: present).map { "\($0)=\(present.value(of: $0) ?? "")" }
        return Content((declared + owned).sorted().joined(separator: "\n")).digest
    }

    /// The new text, where no part of it is secret; `text` nil is a new file.
    func plainText(appliedTo text: String?) -> String? {
        guard set.allSatisfy({ $0.value.plainText != nil }) else { return nil }
        return KeyedText.apply(self, to: text)
    }

    private func undeclaredOwnedKeys(in present: KeyedText) -> [String] {
        let declared = Set(set.map(\.key))
        return present.keys.filter { key in
            !declared.contains(key) && ownedPrefixes.contains { key.hasPrefix($0) }
        }.sorted()
    }
}
