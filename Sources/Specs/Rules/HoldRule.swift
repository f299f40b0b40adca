/// What is to be held are names of packages, each once.
enum HoldRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        var seen: [String: SourcePosition] = [:]
        return draft.spec.other.hold.compactMap { name in
            if let first = seen.updateValue(name.position, forKey: name.value) {
                return Diagnostic(.warning, "`hold` names \(name.value) twice (\(first))", at: name.position)
            }
            guard !isPackage(name.value) else { return nil }
            let message = "`hold`: `\(name.value.abbreviated)` is no name of a package"
            return Diagnostic(.error, message, at: name.position, hint: "the name alone, without a version")
        }
    }

    private static func isPackage(_ name: String) -> Bool {
        name.utf8.count > 1
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+._-".contains($0)) }
    }
}
