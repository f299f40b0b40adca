internal import Specs

extension NodeVisits {
    private typealias Visited = Result<[FactAnswer], NodeAccessError>

    /// Asks several nodes and REST APIs at once; a silent one is in the answers with its reason.
    ///
    /// What REST does not bring over the network is asked on the daemon's own node, in the visit that is made there anyway: a
    /// gate must work where only ssh leads to a node.
    func observe(_ questions: GateQuestions) async -> GateAnswers {
        let told = await reach?.ask(questions.rest) ?? [:]
        var answers = GateAnswers()
        var open: [RESTQuestion: [FactRequest]] = [:]
        for question in questions.rest {
            let reply = told[question] ?? .unknown("there is no way to \(question.endpoint)")
            answers.add(reply, to: question)
            if case .unknown = reply, !question.onNode.isEmpty { open[question] = question.onNode }
        }
        var facts = Dictionary(questions.byNode.map { ($0.node, $0.requests) }) { first, _ in first }
        repeat {
            var visits = facts
            for (question, paths) in open {
                guard let next = paths.first, !(visits[question.node] ?? []).contains(next) else { continue }
                visits[question.node, default: []].append(next)
            }
            for (node, result) in await visitAll(visits) { answers.add(result, to: visits[node] ?? [], from: node) }
            open = settle(open, after: told, in: &answers)
            facts = [:]
        } while !open.isEmpty && !Task.isCancelled
        return answers
    }

    /// Takes what the first path of each question brought; gives those back whose next path must be asked, in a visit of its
    /// own: the release does not know this one.
    private func settle(
        _ open: [RESTQuestion: [FactRequest]],
        after told: [RESTQuestion: RESTReply],
        in answers: inout GateAnswers
    ) -> [RESTQuestion: [FactRequest]] {
        var left: [RESTQuestion: [FactRequest]] = [:]
        for (question, paths) in open {
            guard let path = paths.first else { continue }
            let reply = RESTReply(answers.answer(path, of: question.node))
            answers.add(reply.joined(after: told[question]), to: question)
            if reply.isUnknownPath, paths.count > 1 { left[question] = Array(paths.dropFirst()) }
        }
        return left
    }

    /// A function of its own: inlined into the task, the optimised build's result was overwritten before it was read.
    private func visited(_ node: NodeName, _ requests: [FactRequest]) async -> Visited {
        do throws(NodeAccessError) {
            return .success(try await observe(requests, on: node))
        } catch {
            return .failure(error)
        }
    }

    private func visitAll(_ visits: [NodeName: [FactRequest]]) async -> [NodeName: Visited] {
        await withTaskGroup(of: (NodeName, Visited).self) { group in
            for (node, requests) in visits.sorted(by: { $0.key < $1.key }) {
                group.addTask { (node, await visited(node, requests)) }
            }
            var results: [NodeName: Visited] = [:]
            for await (node, result) in group { results[node] = result }
            return results
        }
    }
}

extension RESTReply {
    /// As the second way's reply: where both failed, the first reason is told too.
    fileprivate func joined(after first: RESTReply?) -> RESTReply {
        guard case .unknown(let why) = self, case .unknown(let earlier)? = first else { return self }
        return .unknown("\(earlier); on the node: \(why)")
    }
}
