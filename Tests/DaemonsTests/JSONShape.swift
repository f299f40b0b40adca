@testable import Daemons

/// Compares documents by what they are made of: keys, and kinds of values; arrays by their first elements.
struct JSONShape {
    /// Paths that may differ: `slaves[].drain_info`; a trailing `*` stands for everything below.
    var exceptions: [String] = []

    /// Where `actual` differs from what `expected` shows, sorted.
    func differences(_ actual: JSON, from expected: JSON) -> [String] {
        var found: [String] = []
        compare(actual, expected, "", &found)
        return found.sorted()
    }

    private func isExcepted(_ path: String) -> Bool {
        exceptions.contains { $0.hasSuffix("*") ? path.hasPrefix($0.dropLast()) : $0 == path }
    }

    private func compare(_ actual: JSON, _ expected: JSON, _ path: String, _ found: inout [String]) {
        guard !isExcepted(path) else { return }
        switch (actual, expected) {
        case (.object(let mine), .object(let theirs)):
            let (mineByKey, theirsByKey) = (Self.byKey(mine), Self.byKey(theirs))
            for key in Set(mineByKey.keys).union(theirsByKey.keys) {
                let inner = path.isEmpty ? key : "\(path).\(key)"
                switch (mineByKey[key], theirsByKey[key]) {
                case (let mine?, let theirs?): compare(mine, theirs, inner, &found)
                case (nil, _?): if !isExcepted(inner) { found.append("\(inner): missing") }
                case (_?, nil): if !isExcepted(inner) { found.append("\(inner): not in the original") }
                case (nil, nil): break
                }
            }
        case (.array(let mine), .array(let theirs)):
            if let mine = mine.first, let theirs = theirs.first {
                compare(mine, theirs, "\(path)[]", &found)
            } else if mine.isEmpty != theirs.isEmpty {
                found.append("\(path): \(mine.count) elements for \(theirs.count)")
            }
        default:
            let kinds = (Self.kind(actual), Self.kind(expected))
            if kinds.0 != kinds.1 { found.append("\(path): \(kinds.0) for \(kinds.1)") }
        }
    }

    private static func byKey(_ object: JSONObject) -> [String: JSON] {
        Dictionary(object.members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private static func kind(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "whole number"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
