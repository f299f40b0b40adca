// /v2/deployments and /v2/queue: marathon-api.md 1.8, 1.9 and 5.4.

extension MarathonEngine {
    mutating func deployments(_ request: HTTPRequest, _ path: [String]) throws(MarathonFault) -> HTTPResponse {
        switch (request.method, path.count) {
        case ("GET", 0), ("HEAD", 0):
            return HTTPResponse(200, json: .array(deployments.all.map { $0.json(release) }))
        case ("DELETE", 1): return try end(deployment: path[0], request)
        case (_, 0), (_, 1): return notAllowed(request)
        default: throw notFound(request)
        }
    }

    /// With `force` it ends where it is; else another deployment takes it back.
    private mutating func end(deployment id: String, _ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        guard let plan = deployments[id]?.plan else { throw .unknownDeployment(id) }
        if flag(request, "force") {
            cancel(id)
            return HTTPResponse(202)
        }
        return accepted(try commit(reverse(plan), version: nextVersion(), force: true))
    }

    /// The edit that takes a plan back from the root as it is now, whatever else has changed since.
    private func reverse(_ plan: DeploymentPlan) -> RootEdit {
        var edit = RootEdit()
        for id in plan.affectedApps {
            guard var app = plan.original[id] else {
                if root.apps[id] != nil { edit.removedApps.append(id) }
                continue
            }
            // From 0.11 the definition comes back with its version, as tasks of it may still run.
            if release < .init(0, 11) { app.version = now }
            edit.apps.append(app)
        }
        return edit
    }

    // MARK: The queue

    mutating func queue(_ request: HTTPRequest, _ path: [String]) throws(MarathonFault) -> HTTPResponse {
        if path.isEmpty {
            guard ["GET", "HEAD"].contains(request.method) else { return notAllowed(request) }
            return HTTPResponse(200, json: ["queue": .array(queue.apps.flatMap { queueItems($0) })])
        }
        guard release >= .init(0, 10), path.last == "delay", path.count > 1 else { throw notFound(request) }
        guard request.method == "DELETE" else { return notAllowed(request) }
        let id = "/" + path.dropLast().joined(separator: "/")
        guard queue[id] != nil else {
            throw MarathonFault(404, ["message": .string("Application \(id) not found in tasks queue.")])
        }
        queue.resetDelay(id)
        wantOffers()
        return HTTPResponse(204)
    }

    /// In 0.7 an item for each task, later one for each app.
    private func queueItems(_ id: String) -> [JSON] {
        guard let item = queue[id] else { return [] }
        let left = queue.delays[id].map { max(0, $0.until - now) } ?? 0
        var delay: JSONObject = [:]
        if release >= .init(0, 10) { delay["timeLeftSeconds"] = .integer((left + 999) / 1000) }
        delay["overdue"] = .bool(left == 0)
        guard release >= .init(0, 8) else {
            let one: JSON = ["app": codec.json(item.app), "delay": .object(delay)]
            return Array(repeating: one, count: item.count)
        }
        var object: JSONObject = ["count": .integer(item.count), "delay": .object(delay)]
        if release >= .init(1, 4) {
            object["since"] = .string(item.since.iso8601)
            object["processedOffersSummary"] = item.offers.json
        }
        object["app"] = codec.json(item.app)
        if release >= .init(1, 9) { object["role"] = .string(item.app.role ?? configuration.role) }
        return [.object(object)]
    }
}

extension OfferSummary {
    /// From 1.4.
    var json: JSON {
        var object: JSONObject = [
            "processedOffersCount": .integer(processed), "unusedOffersCount": .integer(unused),
        ]
        object["lastUnusedOfferAt"] = lastUnused.map { .string($0.iso8601) }
        object["lastUsedOfferAt"] = lastUsed.map { .string($0.iso8601) }
        var byAgent: [RejectReason: Int] = [:]
        for reason in last.values { byAgent[reason, default: 0] += 1 }
        object["rejectSummaryLastOffers"] = Self.funnel(byAgent, last.count)
        object["rejectSummaryLaunchAttempt"] = Self.funnel(rejects, processed)
        return .object(object)
    }

    /// Each reason sees what the reasons before it have left.
    private static func funnel(_ declined: [RejectReason: Int], _ total: Int) -> JSON {
        var left = total
        return .array(
            RejectReason.allCases.map { reason in
                let count = declined[reason] ?? 0
                defer { left -= count }
                return [
                    "reason": .string(reason.rawValue), "declined": .integer(count), "processed": .integer(left),
                ]
            })
    }
}
