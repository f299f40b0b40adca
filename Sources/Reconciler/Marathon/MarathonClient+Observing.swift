public import Specs

extension MarathonClient {
    /// Questions asked at once.
    private static let parallelism = 8
    /// At most so many old versions are looked at; more must not delay a plan.
    private static let oldVersionsAtMost = 200

    /// Marathon and its apps as they are, secrets masked; three requests, from 1.9 four, where the list shows every declared app.
    ///
    /// - Parameter desired: Ids that the list does not show are asked for singly; texts of their definitions stay as declared.
    /// - Returns: Never absent: unknown where anything but a whole and well-formed answer came.
    public func observe(_ desired: DesiredApps) async -> Observation<ObservedMarathon> {
        do throws(MarathonFault) { return .found(try await observed(desired)) } catch { return .unknown(error.message) }
    }

    private func observed(_ desired: DesiredApps) async throws(MarathonFault) -> ObservedMarathon {
        let info = try await info()
        let context = try await context(of: info)
        let deployments = try await deployments()
        var answers = try await appAnswers()
        let declared = Dictionary(desired.apps.map { ($0.id, $0.definition) }) { first, _ in first }
        let shown = Set(answers.map(\.app.id))
        let missing = desired.apps.map(\.id).filter { !shown.contains($0) }
        let (found, hidden) = try await askSingly(missing)
        answers += found
        if info.context.release < MarathonRelease(0, 11) {
            answers = try await countingOutdated(answers, declared)
        }
        let masking = masking()
        let apps = answers.map { masking.masked($0.app, declared: declared[$0.app.id]) }
        return ObservedMarathon(
            endpoint: info.endpoint,
            context: context,
            frameworkID: info.frameworkID,
            leader: info.leader,
            apps: Dictionary(apps.map { ($0.id, $0) }) { first, _ in first },
            deployments: deployments,
            hidden: hidden
        )
    }

    // MARK: What the list does not show

    private enum Single: Sendable {
        case found(AppAnswer)
        case absent
        case hidden(String, why: String)
        /// Of all of Marathon, not of one app.
        case failed(MarathonFault)
    }

    /// Those that are there all the same, and those of which that is not known.
    private func askSingly(_ ids: [String]) async throws(MarathonFault) -> ([AppAnswer], [String: String]) {
        let singles = try await concurrently(ids) { id in
            do throws(MarathonFault) { return try await appAnswer(id).map(Single.found) ?? .absent } catch {
                switch error.kind {
                case .unreachable, .unauthorized, .cancelled: return .failed(error)
                case .forbidden, .locked, .exists, .invalid, .missing, .unreadable, .failed:
                    return .hidden(id, why: error.message)
                }
            }
        }
        var found: [AppAnswer] = []
        var hidden: [String: String] = [:]
        for single in singles {
            switch single {
            case .found(let answer): found.append(answer)
            case .absent: break
            case .hidden(let id, let why): hidden[id] = why
            case .failed(let fault): throw fault
            }
        }
        return (found, hidden)
    }

    // MARK: Outdated tasks up to 0.10

    /// There every change renews the app's version, also one of `instances`: only the definitions tell whether tasks of an
    /// older version are outdated.
    private func countingOutdated(
        _ answers: [AppAnswer],
        _ declared: [String: AppValue]
    ) async throws(MarathonFault) -> [AppAnswer] {
        let unsure = answers.filter { declared[$0.app.id] != nil && $0.app.outdatedTasks == nil }
        let questions = unsure.flatMap { answer in
            answer.olderVersions.map { OldVersion(of: answer.app.id, version: $0, now: answer.app.definition) }
        }
        guard !questions.isEmpty, questions.count <= Self.oldVersionsAtMost else { return answers }
        let sameness = try await concurrently(questions) { question -> Bool? in
            guard let old = try? await app(question.id, version: question.version) else { return nil }
            return old.definition.withoutInstances == question.now.withoutInstances
        }
        var isSame: [String: [String: Bool]] = [:]
        for (question, same) in zip(questions, sameness) { isSame[question.id, default: [:]][question.version] = same }
        return answers.map { answer in
            guard let versions = isSame[answer.app.id] else { return answer }
            var answer = answer
            answer.countOutdated { versions[$0] }
            return answer
        }
    }

    /// Results in the order of `items`.
    private func concurrently<Item: Sendable, Result: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item) async -> Result
    ) async throws(MarathonFault) -> [Result] {
        do { return try await items.mapConcurrently(limit: Self.parallelism, body) } catch {
            throw MarathonFault(.cancelled, "asking for apps was called off")
        }
    }
}

private struct OldVersion: Sendable {
    var id: String
    var version: String
    /// The present definition.
    var now: AppValue

    init(of id: String, version: String, now: AppValue) {
        (self.id, self.version, self.now) = (id, version, now)
    }
}

extension AppValue {
    fileprivate var withoutInstances: AppValue {
        guard case .object(var members) = self else { return self }
        members["instances"] = nil
        return .object(members)
    }
}
