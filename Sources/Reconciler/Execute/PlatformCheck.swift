internal import Specs

extension Platform {
    /// Whether the node is what was assumed of it: the facts that decide layouts, and the packages' upstream versions.
    func verdict(_ answers: GateAnswers, on node: NodeName) -> GateVerdict {
        guard case .platform(let found) = answers.answer(.platform, of: node) else {
            return .notYet(missing: "\(node) \(answers.answer(.platform, of: node).silence)")
        }
        var facts = [
            ("system", os, "\(found.osID)-\(found.osVersion)"),
            ("init system", initSystem.rawValue, found.initSystem),
            ("package manager", packageManager.rawValue, found.packageManager),
        ]
        if !found.wrapperAgentDirectory.isEmpty {
            facts.append(("agent's flag directory", agentFlagDirectory, found.wrapperAgentDirectory))
        }
        var verdicts = facts.filter { $0.1 != $0.2 }.map { name, expected, actual in
            GateVerdict.assumptionFailed("the \(name) of \(node) is \(actual), not \(expected)")
        }
        for (name, expected) in packages.sorted(by: { $0.key < $1.key }) {
            verdicts.append(Self.verdict(answers.answer(.package(name), of: node), name, expected, node))
        }
        return .all(verdicts)
    }

    private static func verdict(
        _ answer: FactAnswer,
        _ name: String,
        _ expected: String,
        _ node: NodeName
    ) -> GateVerdict {
        switch answer {
        case .package(let package):
            guard let installed = package.installed else { break }
            if let trouble = package.trouble { return .impossible("package \(name) on \(node) is \(trouble)") }
            guard isSameUpstream(installed, expected) else {
                return .assumptionFailed("package \(name) on \(node) is \(installed), not \(expected)")
            }
            return .holds
        case .absent: break
        default: return .notYet(missing: "package \(name) on \(node) \(answer.silence)")
        }
        return .assumptionFailed("package \(name) is not installed on \(node), \(expected) was expected")
    }

    private static func isSameUpstream(_ a: String, _ b: String) -> Bool {
        guard let left = DottedVersion(a), let right = DottedVersion(b) else { return a == b || b.isEmpty }
        // A pin may leave out the last numbers: the node chose the best it was offered.
        return left.numbers.starts(with: right.numbers) || !(left < right) && !(right < left)
    }
}
