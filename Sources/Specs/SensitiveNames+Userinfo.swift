extension SensitiveNames {
    /// `text` with what stands before `@` in every URL (`zk://user:password@host/path`) redacted.
    ///
    /// Such URLs are in the clear in flags, files and answers (mesos-zk-ops.md 5.2).
    public static func redactingUserinfo(_ text: String) -> Content { redactingUserinfo(Content(text)) }

    /// As for text; declared secrets within the userinfo stay what they are.
    public static func redactingUserinfo(_ content: Content) -> Content {
        let units = content.units
        var result: [ContentUnit] = []
        var index = 0
        while index < units.count {
            guard let start = endOfScheme(in: units, at: index) else {
                result.append(units[index])
                index += 1
                continue
            }
            result += units[index..<start]
            if let at = endOfUserinfo(in: units[start...]) {
                result += redacted(units[start..<at])
                index = at
            } else {
                index = start
            }
        }
        return Content(units: result)
    }

    /// Where the authority begins, if `://` stands at `index`.
    private static func endOfScheme(in units: [ContentUnit], at index: Int) -> Int? {
        units[index...].starts(with: [":", "/", "/"]) ? index + 3 : nil
    }

    /// The place of the `@` that ends the userinfo, if `units`, which start at an authority, have one.
    ///
    /// A password may hold an unescaped `/`, as long as what precedes that is no `host:port`.
    private static func endOfUserinfo(in units: ArraySlice<ContentUnit>) -> Int? {
        let url = units.prefix { !isURLEnd($0) }
        let authority = url.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { return at }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        let isPort = parts.last?.allSatisfy { $0.scalar?.properties.numericType == .decimal } ?? true
        return parts.count == 2 && !isPort ? url.lastIndex(of: "@") : nil
    }

    private static func isURLEnd(_ unit: ContentUnit) -> Bool {
        guard let scalar = unit.scalar else { return false }
        return ["\"", "'", "<", ">", "`"].contains(scalar) || scalar.properties.isWhitespace
    }

    private static func redacted(_ units: ArraySlice<ContentUnit>) -> [ContentUnit] {
        var result: [ContentUnit] = []
        for unit in units {
            let hidden: ContentUnit = if case .opaque(.secret) = unit { unit } else { .opaque(.redacted) }
            if hidden == .opaque(.redacted), result.last == hidden { continue }
            result.append(hidden)
        }
        return result
    }
}
