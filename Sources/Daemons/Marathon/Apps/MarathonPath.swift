/// Ids of apps and groups: names joined by slashes, absolute with a leading one.
enum MarathonPath {
    /// What each name has to look like (marathon-api.md section 4).
    static let pattern =
        #"^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])|(\.|\.\.)$"#

    static func names(_ id: String) -> [Substring] { id.split(separator: "/") }

    /// The absolute id, `.` and `..` resolved; `..` stops at the root.
    static func absolute(_ id: String, in base: String = "/") -> String {
        var result = id.hasPrefix("/") ? [] : names(base)
        for name in names(id) {
            switch name {
            case ".": continue
            case "..": if !result.isEmpty { result.removeLast() }
            default: result.append(name)
            }
        }
        return "/" + result.joined(separator: "/")
    }

    static func parent(_ id: String) -> String { "/" + names(id).dropLast().joined(separator: "/") }

    static func isValid(_ id: String) -> Bool { names(id).allSatisfy(isValidName) }

    private static func isValidName(_ name: Substring) -> Bool {
        if name == "." || name == ".." { return true }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            let dash = UInt8(ascii: "-")
            return first != dash && last != dash && label.allSatisfy { $0 == dash || isLetterOrDigit($0) }
        }
    }

    /// `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, which names of ports have to be.
    static func isValidPortName(_ name: String) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && name.utf8.allSatisfy { $0 == UInt8(ascii: "-") || isLetterOrDigit($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
