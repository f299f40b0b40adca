extension KeyedText {
    /// The text with `edit` applied: declared keys set, owned and removed ones taken out, all else as it was.
    ///
    /// A key that has its value already is left as it stands. Applying twice gives what applying once gives. Recommended keys
    /// are written only on demand, and only where they are not set to anything. A text with a `fault` stays as it is.
    public func applying(_ edit: KeyedEdit, includingRecommended: Bool) -> Content {
        guard fault == nil else { return content }
        let recommended = includingRecommended ? missingRecommendations(of: edit) : []
        let declared = Set(edit.set.map(\.key))
        let entries = edit.set + recommended.filter { !declared.contains($0.key) }
        if format == .json {
            let kept = removed(by: edit).reduce(content.units) { JSONObjectText.removing($1, from: $0) }
            let unmet = entries.filter { !holds($0) }
            return Content(units: unmet.reduce(kept) { JSONObjectText.setting($1.key, to: $1.value, in: $0) })
        }
        if format == .hosts {
            return Content(units: entries.reduce(content.units) { HostsText.setting($1, in: $0) })
        }
        var result = lines
        for key in removed(by: edit) { Self.drop(key, from: &result) }
        for entry in entries { set(entry, in: &result) }
        return Content(units: result.flatMap(\.raw))
    }

    /// One key that an edit changes; `nil` where there is none before or after.
    public struct KeyChange: Hashable, Sendable {
        public var key: String
        public var before: Content?
        public var after: Content?
    }

    /// What `applying` would change, key by key, in the order of the edit.
    public func changes(by edit: KeyedEdit, includingRecommended: Bool = false) -> [KeyChange] {
        let recommended = includingRecommended ? missingRecommendations(of: edit) : []
        let set = (edit.set + recommended).filter { !holds($0) }
        return set.map { KeyChange(key: $0.key, before: found($0), after: $0.value) }
            + removed(by: edit).map { KeyChange(key: $0, before: value(of: $0)?.content, after: nil) }
    }

    /// Whether every declared key has its value and no owned or removed one is left.
    public func satisfies(_ edit: KeyedEdit) -> Bool { changes(by: edit).isEmpty }

    private func found(_ entry: KeyedEdit.Entry) -> Content? {
        format == .hosts ? HostsText.value(for: entry, in: lines) : value(of: entry.key)?.content
    }

    private func holds(_ entry: KeyedEdit.Entry) -> Bool {
        if format == .hosts { return HostsText.holds(entry, in: lines) }
        guard format == .json else { return value(of: entry.key) == .text(format.trimmed(entry.value)) }
        return self[entry.key].map { JSONObjectText.areEqual($0, entry.value) } ?? false
    }

    private func removed(by edit: KeyedEdit) -> [String] {
        let declared = Set(edit.set.map(\.key))
        return Self.editableKeys(lines).filter { key in
            !declared.contains(key)
                && (edit.remove.contains(key) || edit.ownedPrefixes.contains { key.hasPrefix($0) })
        }
    }

    private static func editableKeys(_ lines: [KeyedLine]) -> [String] {
        var seen: Set<String> = []
        return lines.flatMap(\.assignments).filter(\.isEditable).map(\.key).filter { seen.insert($0).inserted }
    }

    private func set(_ entry: KeyedEdit.Entry, in lines: inout [KeyedLine]) {
        let all = lines.flatMap(\.assignments).filter { $0.key == entry.key }
        let value = format.trimmed(entry.value)
        if let last = all.last, last.value == .text(value) { return }
        let isInPlace = all.last?.isEditable ?? false
        let place = isInPlace ? lines.lastIndex { line in line.assignments.contains { $0.key == entry.key } } : nil
        let new = newLine(entry.key, value, over: place.map { lines[$0] }, in: lines)
        if let place {
            lines.insert(contentsOf: new, at: place + 1)
            // The lines just written are the last ones of this key: only those before them go.
            var head = Array(lines[...place])
            Self.drop(entry.key, from: &head)
            lines.replaceSubrange(...place, with: head)
        } else {
            Self.drop(entry.key, from: &lines)
            Self.endWithNewline(&lines)
            lines += new
        }
    }

    /// The line that sets `key`, after the comment that stood on the line it replaces.
    private func newLine(_ key: String, _ value: Content, over old: KeyedLine?, in lines: [KeyedLine]) -> [KeyedLine] {
        let terminator = newTerminator(over: old, in: lines)
        let exported = old?.assignments.last { $0.key == key }?.isExported ?? false
        let start: [ContentUnit] = exported && format == .shell ? Content("export ").units : []
        let name = Content(format.written(key: key) + "=").units
        let written = format.written(value: value).units
        let raw = start + name + written + terminator
        let assignment = KeyedLine.Assignment(
            key: key,
            value: .text(value),
            range: start.count..<(start.count + name.count + written.count),
            valueRange: (start.count + name.count)..<(start.count + name.count + written.count),
            isExported: exported
        )
        let comment = old.flatMap { line in line.comment.map { KeyedLine(raw: Array(line.raw[$0]) + terminator) } }
        return [comment, KeyedLine(raw: raw, assignments: [assignment])].compactMap { $0 }
    }

    private func newTerminator(over old: KeyedLine?, in lines: [KeyedLine]) -> [ContentUnit] {
        // In a shell a carriage return belongs to the value.
        guard format == .properties else { return ["\n"] }
        let known = [old].compactMap { $0 } + lines
        return known.map(\.terminator).first { !$0.isEmpty } ?? ["\n"]
    }

    private static func endWithNewline(_ lines: inout [KeyedLine]) {
        guard let last = lines.indices.last, lines[last].terminator.isEmpty, !lines[last].raw.isEmpty else { return }
        lines[last].raw += lines.map(\.terminator).first { !$0.isEmpty } ?? ["\n"]
    }

    /// Takes every editable assignment of `key` out; what shares its line stays, each on a line of its own.
    private static func drop(_ key: String, from lines: inout [KeyedLine]) {
        lines = lines.flatMap { line -> [KeyedLine] in
            guard line.assignments.contains(where: { $0.key == key && $0.isEditable }) else { return [line] }
            return line.assignments.filter { $0.key != key }.map { kept in
                let start: [ContentUnit] = kept.isExported ? Content("export ").units : []
                let offset = start.count - kept.range.lowerBound
                var moved = kept
                moved.range = kept.range.lowerBound + offset..<kept.range.upperBound + offset
                moved.valueRange = kept.valueRange.lowerBound + offset..<kept.valueRange.upperBound + offset
                return KeyedLine(raw: start + line.raw[kept.range] + ["\n"], assignments: [moved])
            }
        }
    }
}

extension KeyedEdit.Format {
    /// `value` as a reader of this format sees it: ZooKeeper trims both ends (QuorumPeerConfig.parseProperties).
    func trimmed(_ value: Content) -> Content {
        guard self == .properties else { return value }
        let units = value.units
        guard let first = units.firstIndex(where: { !$0.isTrimmed }),
            let last = units.lastIndex(where: { !$0.isTrimmed })
        else { return "" }
        return Content(units: units[first...last])
    }

    func written(key: String) -> String {
        switch self {
        case .properties: PropertiesScanner.escaped(key: key)
        case .shell, .environmentFile, .hosts: key
        case .json: JSONText.quote(key)
        }
    }

    func written(value: Content) -> Content {
        switch self {
        case .properties: PropertiesScanner.escaped(value: value)
        case .shell, .environmentFile: ShellQuoting.quoted(value)
        case .json, .hosts: value
        }
    }
}

extension ContentUnit {
    /// What Java's `String.trim` drops.
    var isTrimmed: Bool { scalar.map { $0.value <= 0x20 } ?? false }
}
