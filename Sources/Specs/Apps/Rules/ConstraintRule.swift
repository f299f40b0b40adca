/// Constraints: a field, an operator that the release knows, and the value that it wants (marathon-api.md 4).
enum ConstraintRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        (app["constraints"]?.items ?? []).enumerated().compactMap { index, item in
            guard let parts = item.items, !parts.contains(.null) else { return nil }
            return fault(parts, app, at: "constraints[\(index)]")
        }
    }

    private static func fault(_ parts: [AppValue], _ app: AppUnderCheck, at path: String) -> AppFault? {
        guard (2...3).contains(parts.count) else {
            return AppFault("a constraint is [field, operator] or [field, operator, value]", at: path)
        }
        guard let written = parts[1].plainText else { return AppFault("an operator is no secret", at: "\(path)[1]") }
        if app.readsRAML, parts[0].isEmpty { return AppFault("a constraint has a field", at: "\(path)[0]") }
        // Lower case is read from 1.5.
        let name = app.readsRAML ? written.uppercased() : written
        guard let kind = Operator(rawValue: name) else {
            let known = Operator.allCases.filter { $0.since <= app.release }.map(\.rawValue)
            let message = "`\(written.abbreviated)` is no operator of constraints"
            return AppFault(message, at: "\(path)[1]", hint: Suggestion.hint(for: written, in: known))
        }
        guard kind.since <= app.release else {
            return AppFault("operator \(name) needs Marathon \(kind.since.short), not \(app.release)", at: "\(path)[1]")
        }
        // Before 1.3 nobody looks at values.
        guard app.since(1, 3) else { return nil }
        let value = parts.count > 2 ? parts[2] : nil
        return kind.problem(with: value, app).map { AppFault($0, at: value == nil ? path : "\(path)[2]") }
    }

    private enum Operator: String, CaseIterable {
        case unique = "UNIQUE"
        case like = "LIKE"
        case cluster = "CLUSTER"
        case groupBy = "GROUP_BY"
        case unlike = "UNLIKE"
        case maxPer = "MAX_PER"
        case `is` = "IS"

        var since: MarathonRelease {
            switch self {
            case .unique, .like, .cluster, .groupBy, .unlike: MarathonRelease(0, 0)
            case .maxPer: MarathonRelease(1, 3)
            case .is: MarathonRelease(1, 6)
            }
        }

        func problem(with value: AppValue?, _ app: AppUnderCheck) -> String? {
            let text = value?.plainText
            // A secret is taken for what it should be.
            let isWhole = value == nil ? nil : text.map { Int32($0) != nil } ?? true
            switch self {
            case .unique:
                let isGiven = value.map { app.readsRAML || !$0.isEmpty } ?? false
                return isGiven ? "UNIQUE takes no value" : nil
            case .cluster: return nil
            case .groupBy: return isWhole == false ? "GROUP_BY takes a whole number, or nothing" : nil
            case .maxPer: return isWhole == true ? nil : "MAX_PER needs a whole number"
            case .like, .unlike: return value == nil ? "\(rawValue) needs a regular expression" : nil
            case .is:
                let isLiteral = (text ?? "").utf8.allSatisfy { byte in
                    switch byte {
                    case 0x61...0x7A, 0x41...0x5A, 0x2D...0x39, 0x5F: true
                    default: false
                    }
                }
                return isLiteral ? nil : "IS takes a number or a text of letters, digits, `_`, `-`, `.` and `/`"
            }
        }
    }
}
