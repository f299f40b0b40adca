internal import Specs

/// Asks a program that was just installed for its flags, before it is started with ours.
struct FlagCheckRun {
    let node: NodeName
    let context: RunContext

    /// Success is `alreadyInPlace`, since nothing is changed.
    func carryOut(_ check: FlagCheck) async -> StepOutcome {
        let requests = check.programs.map { FactRequest.flagNames(program: $0) }
        switch await context.observe(requests, on: node) {
        case .failure(let error):
            return .failed("\(node): the flags of the new \(check.service) could not be asked for: \(error.message)")
        case .success(let answers): return check.outcome(answers, on: node)
        }
    }
}

extension FlagCheck {
    /// `answers` are those to `flagNames` of each program, in their order.
    func outcome(_ answers: [FactAnswer], on node: NodeName) -> StepOutcome {
        guard let answer = answers.first(where: { $0 != .absent }) else {
            return .failed("\(node): the new \(service) is at none of \(programs.joined(separator: ", "))")
        }
        // A help text without `work_dir` is none of a Mesos daemon's.
        guard case .flagNames(let known) = answer, known.contains("work_dir") else {
            return .failed("\(node): the flags that the new \(service) knows could not be read")
        }
        let dropped = flags.filter { !isKnown($0, in: known) }
        guard let first = dropped.first else { return .alreadyInPlace }
        let names = dropped.map { "`\($0)`" }.joined(separator: ", ")
        return .failed(
            "\(node): the new \(service) knows no flag \(names) and would exit on it: it was not restarted, its old process "
                + "goes on; take \(first) out of cluster.yaml or its file out of the flag directory, and apply again"
        )
    }

    private func isKnown(_ flag: String, in known: [String]) -> Bool {
        known.contains(flag) || (flag.hasPrefix("no-") && known.contains(String(flag.dropFirst(3))))
    }
}
