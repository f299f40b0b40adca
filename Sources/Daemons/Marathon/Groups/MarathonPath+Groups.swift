extension MarathonPath {
    /// The group an app or a group is right in; nil for the root.
    static func group(of id: String) -> String? {
        guard id != "/", let slash = id.lastIndex(of: "/") else { return nil }
        return slash == id.startIndex ? "/" : String(id[..<slash])
    }

    /// `/prod/web` as `prod_web`, the beginning of its tasks' ids.
    static func safe(_ id: String) -> String { id.split(separator: "/").joined(separator: "_") }

    static func isBelow(_ id: String, _ group: String) -> Bool {
        group == "/" || id == group || id.hasPrefix(group + "/")
    }
}
