/// How the client writes tables, sizes and ages (docker/go-units, text/tabwriter).
enum DockerText {
    /// Columns at least 10 wide from 20.10 on, 20 before, three spaces apart; the last one is not padded.
    static func table(_ rows: [[String]], _ version: DockerVersion) -> [String] {
        let least = version.isRecent ? 10 : 20
        let count = rows.first?.count ?? 0
        let widths = (0..<count).map { column in max(least, (rows.map { $0[column].count }.max() ?? 0) + 3) }
        return rows.map { row in
            row.enumerated().map { column, text in
                column == count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
            }.joined()
        }
    }

    /// `3.04MB`; four digits and a space before 1.13.
    static func size(_ bytes: Int, _ version: DockerVersion) -> String {
        var value = Double(bytes)
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let precision = version.hasManagementCommands ? 3 : 4
        return significant(value, precision) + (version.hasManagementCommands ? "" : " ") + units[unit]
    }

    /// `%.Ng`: so many significant digits, no zeros at the end.
    private static func significant(_ value: Double, _ digits: Int) -> String {
        var decimals = digits - 1
        var bound = 10.0
        while value >= bound, decimals > 0 {
            bound *= 10
            decimals -= 1
        }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded(.toNearestOrEven))
        guard decimals > 0, scaled % scale != 0 else { return String(scaled / scale) }
        let fraction = String(scaled % scale)
        var text = String(repeating: "0", count: decimals - fraction.count) + fraction
        while text.hasSuffix("0") { text.removeLast() }
        return "\(scaled / scale).\(text)"
    }

    /// `HumanDuration` of milliseconds.
    static func age(_ milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        let minutes = seconds / 60
        let hours = Int((Double(milliseconds) / 3_600_000).rounded())
        if seconds < 1 { return "Less than a second" }
        if seconds == 1 { return "1 second" }
        if seconds < 60 { return "\(seconds) seconds" }
        if minutes == 1 { return "About a minute" }
        if minutes < 60 { return "\(minutes) minutes" }
        if hours == 1 { return "About an hour" }
        if hours < 48 { return "\(hours) hours" }
        if hours < 24 * 7 * 2 { return "\(hours / 24) days" }
        if hours < 24 * 30 * 2 { return "\(hours / 24 / 7) weeks" }
        if hours < 24 * 365 * 2 { return "\(hours / 24 / 30) months" }
        return "\(hours / 24 / 365) years"
    }
}

/// The few things of Go templates that people ask `--format` for: fields, `json` and `len`.
enum DockerTemplate {
    /// Replaces every `{{…}}`.
    /// - Returns: The text; nil where an action is unknown or not closed.
    static func render(_ template: String, _ value: (String) -> String?) -> String? {
        var text = ""
        var rest = template[...]
        while let open = rest.firstRange(of: "{{") {
            text += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}"), let part = value(rest[..<close.lowerBound].trimmingSpaces)
            else {
                return nil
            }
            text += part
            rest = rest[close.upperBound...]
        }
        return text + rest
    }

    /// `.A.B`, `json .A.B` or `len .A.B` of a document.
    static func value(_ action: String, in document: JSON) -> String? {
        let words = action.split(separator: " ")
        guard let path = words.last, path.hasPrefix("."), words.count <= 2 else { return nil }
        var value = document
        for key in path.split(separator: ".") {
            guard let next = value.object?[String(key)] else { return nil }
            value = next
        }
        switch words.count == 2 ? words[0] : "" {
        case "json": return value.text
        case "len": return value.array.map { String($0.count) } ?? value.string.map { String($0.utf8.count) }
        case "": return plain(value)
        default: return nil
        }
    }

    private static func plain(_ value: JSON) -> String {
        if let text = value.string { return text }
        if let items = value.array { return "[" + items.map(plain).joined(separator: " ") + "]" }
        return value.text
    }
}

extension Substring {
    /// Where a text occurs first.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
