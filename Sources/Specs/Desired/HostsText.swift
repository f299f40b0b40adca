/// /etc/hosts (hosts(5)): `address name alias…`, a comment from `#` on; a key is a name, its value an address.
///
/// Names are the same in capitals. A name may have an address of each family: an entry is about the family of its own.
enum HostsText {
    /// Every line; those that are no entries hold no assignments.
    static func lines(_ units: [ContentUnit]) -> [KeyedLine] {
        var lines: [KeyedLine] = []
        var start = units.startIndex
        while start < units.endIndex {
            let end = units[start...].firstIndex(of: "\n").map { $0 + 1 } ?? units.endIndex
            lines.append(Self.line(Array(units[start..<end])))
            start = end
        }
        return lines
    }

    private static func line(_ raw: [ContentUnit]) -> KeyedLine {
        let words = Self.words(raw)
        guard let first = words.first, let address = raw[first].plainText, IPAddress(address) != nil else {
            return KeyedLine(raw: raw)
        }
        let assignments = words.dropFirst().compactMap { range in
            raw[range].plainText.map { name in
                KeyedLine.Assignment(
                    key: name,
                    value: .text(Content(address)),
                    range: range,
                    valueRange: first
                )
            }
        }
        return KeyedLine(raw: raw, assignments: assignments)
    }

    /// The words before a comment.
    private static func words(_ raw: [ContentUnit]) -> [Range<Int>] {
        let end = raw.firstIndex { $0 == "#" || $0 == "\n" || $0 == "\r" } ?? raw.count
        var words: [Range<Int>] = []
        var start: Int?
        for index in 0...end {
            let isBlank = index == end || raw[index] == " " || raw[index] == "\t"
            switch (start, isBlank) {
            case (nil, false): start = index
            case (let begin?, true):
                words.append(begin..<index)
                start = nil
            default: break
            }
        }
        return words
    }

    /// Whether the name leads to this address and, within its family, to no other.
    static func holds(_ entry: KeyedEdit.Entry, in lines: [KeyedLine]) -> Bool {
        let found = assignments(of: entry, in: lines)
        return !found.isEmpty && found.allSatisfy { $0.leads(to: entry) }
    }

    /// What the name leads to instead, or first.
    static func value(for entry: KeyedEdit.Entry, in lines: [KeyedLine]) -> Content? {
        let found = assignments(of: entry, in: lines)
        return (found.first { !$0.leads(to: entry) } ?? found.first)?.value.content
    }

    /// The text in which the name leads to its address alone; all other names, comments and lines stay as they are.
    static func setting(_ entry: KeyedEdit.Entry, in units: [ContentUnit]) -> [ContentUnit] {
        var lines = Self.lines(units)
        guard !holds(entry, in: lines), let address = entry.value.plainText else { return units }
        lines = lines.flatMap { line -> [KeyedLine] in
            let isWrong = line.assignments.contains { $0.isAbout(entry) && !$0.leads(to: entry) }
            return isWrong ? corrected(line, entry, address) : [line]
        }
        if !holds(entry, in: lines) {
            if let last = lines.last, last.raw.last != "\n" { lines[lines.count - 1].raw.append("\n") }
            lines.append(Self.line(Content("\(address)\t\(entry.key)\n").units))
        }
        return lines.flatMap(\.raw)
    }

    /// A line of this host alone gets the other address; from a line of several the name is taken out.
    private static func corrected(_ line: KeyedLine, _ entry: KeyedEdit.Entry, _ address: String) -> [KeyedLine] {
        let name = entry.key.lowercased()
        // `127.0.1.1 m1.example.com m1`, as Debian's installer writes it, is one host.
        let isItsOwn = line.assignments.allSatisfy { assignment in
            let other = assignment.key.lowercased()
            return other == name || other.hasPrefix(name + ".") || name.hasPrefix(other + ".")
        }
        var raw = line.raw
        if isItsOwn, let place = line.assignments.first?.valueRange {
            raw.replaceSubrange(place, with: Content(address).units)
            return [Self.line(raw)]
        }
        for assignment in line.assignments.reversed() where assignment.isAbout(entry) {
            let start = raw[..<assignment.range.lowerBound].lastIndex { $0 != " " && $0 != "\t" }.map { $0 + 1 } ?? 0
            raw.removeSubrange(start..<assignment.range.upperBound)
        }
        return [Self.line(raw)]
    }

    private static func assignments(of entry: KeyedEdit.Entry, in lines: [KeyedLine]) -> [KeyedLine.Assignment] {
        lines.flatMap(\.assignments).filter { $0.isAbout(entry) }
    }
}

extension KeyedLine.Assignment {
    /// The same name with an address of the same family.
    fileprivate func isAbout(_ entry: KeyedEdit.Entry) -> Bool {
        guard key.lowercased() == entry.key.lowercased(), let own = address(value.content),
            let declared = address(entry.value)
        else { return false }
        return own.isIPv6 == declared.isIPv6
    }

    fileprivate func leads(to entry: KeyedEdit.Entry) -> Bool { address(value.content) == address(entry.value) }

    private func address(_ content: Content) -> IPAddress? { content.plainText.flatMap { IPAddress($0) } }
}
