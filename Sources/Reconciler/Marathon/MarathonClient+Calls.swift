public import Specs

/// Reads and writes; paths and answers are marathon-api.md 1.3 to 1.9.
extension MarathonClient {
    // MARK: Reading

    public func info() async throws(MarathonFault) -> MarathonInfo {
        let answer = try await get("/v2/info")
        let info = try read(answer) { (field) throws(ShapeFault) in
            try MarathonInfo(field, endpoint: answer.endpoint.description)
        }
        memory.release = info.context.release
        return info
    }

    /// What decides how it completes definitions; from 1.9 that takes a second request, for the groups that enforce their role.
    public func context() async throws(MarathonFault) -> AppContext { try await context(of: try await info()) }

    func context(of info: MarathonInfo) async throws(MarathonFault) -> AppContext {
        var context = info.context
        guard context.release >= MarathonRelease(1, 9) else { return context }
        // Without this embed's restraint every app would be in the answer (marathon-api.md 1.6).
        let answer = try await get("/v2/groups?embed=group.groups")
        context.enforcedGroups = try read(answer) { (root) throws(ShapeFault) in
            var enforced: Set<String> = []
            for group in try root.optionalItems("groups") {
                let id = try group.text("id")
                if try group.optional("enforceRole")?.boolean() == true { enforced.insert(id) }
            }
            return enforced
        }
        return context
    }

    /// The whole list, with what tells tasks of older configurations where the release has it.
    ///
    /// Secrets are masked; values of sensitive names are redacted.
    public func apps() async throws(MarathonFault) -> [LiveApp] {
        try await appAnswers().map { masking().masked($0.app, declared: nil) }
    }

    /// One app, with counts and deployments; nil only where Marathon says that it does not exist.
    public func app(_ id: String) async throws(MarathonFault) -> LiveApp? {
        try await appAnswer(id).map { masking().masked($0.app, declared: nil) }
    }

    /// One app's definition with everything in it, for a write that restores it.
    public func rawApp(_ id: String) async throws(MarathonFault) -> RawApp? {
        try await appAnswer(id).map { RawApp(id: id, version: $0.app.version, definition: $0.app.definition) }
    }

    /// Timestamps, the newest first; nil where there is no such app.
    public func versions(_ id: String) async throws(MarathonFault) -> [String]? {
        guard let answer = try await find("/v2/apps\(escaped(id))/versions") else { return nil }
        return try read(answer) { (field) throws(ShapeFault) in
            try field.required("versions").map { (item) throws(ShapeFault) in try item.text() }
        }
    }

    /// The definition as of a version; nil where there is no such app or version.
    public func app(_ id: String, version: String) async throws(MarathonFault) -> RawApp? {
        let path = "/v2/apps\(escaped(id))/versions/\(escapedSegment(version))"
        guard let answer = try await find(path) else { return nil }
        return try read(answer) { (field) throws(ShapeFault) in
            RawApp(id: id, version: try field.text("version"), definition: try AppAnswer.definition(field))
        }
    }

    public func deployments() async throws(MarathonFault) -> [LiveDeployment] {
        try read(try await get("/v2/deployments")) { (field) throws(ShapeFault) in
            try field.map { (item) throws(ShapeFault) in try LiveDeployment(item) }
        }
    }

    /// What waits to be launched, by app.
    public func queue() async throws(MarathonFault) -> [String: QueuedLaunch] {
        try read(try await get("/v2/queue")) { (field) throws(ShapeFault) in
            try field.required("queue").map { (item) throws(ShapeFault) in try QueuedLaunch(item) }
                .compactMap { $0 }.byApp
        }
    }

    /// nil where there is no such app (0.15 also says so of an app without tasks).
    public func tasks(_ id: String) async throws(MarathonFault) -> [LiveTask]? {
        guard let answer = try await find("/v2/apps\(escaped(id))/tasks") else { return nil }
        return try read(answer) { (field) throws(ShapeFault) in
            try field.required("tasks").map { (item) throws(ShapeFault) in try LiveTask(item, of: id) }
        }
    }

    /// How a task of the app ended last; nil where none did, or the app is not there.
    public func lastTaskFailure(_ id: String) async throws(MarathonFault) -> TaskFailure? {
        guard var failure = try await appAnswer(id)?.lastTaskFailure else { return nil }
        failure.message = masked(failure.message)
        return failure
    }

    // MARK: Writing

    /// Creates the app or brings it to `write`'s body; never another one than `id`.
    public func put(_ write: AppWrite, id: String, force: Bool) async throws(MarathonFault) -> Ticket {
        guard var members = write.body.members else { throw MarathonFault(.invalid, "\(id): the body is no object") }
        // Up to 0.9 the body's id wins over the path's (marathon-api.md 2.1).
        if members["id"] != nil { members["id"] = .text(Content(id)) }
        guard let body = secrets.json(.object(members)) else {
            let missing = write.body.references.map(\.description).joined(separator: ", ")
            throw MarathonFault(.invalid, "\(id): a secret of \(missing) has no value, or a part is redacted")
        }
        let whole =
            switch write.method {
            case .merge: ""
            case .replace: "&partialUpdate=false"
            }
        return try await change(.put, "/v2/apps\(escaped(id))?force=\(force)\(whole)", body: body)
    }

    /// `force` is always said, as the server's own default is true (marathon-api.md 1.4).
    public func delete(id: String, force: Bool = false) async throws(MarathonFault) -> Ticket {
        try await change(.delete, "/v2/apps\(escaped(id))?force=\(force)")
    }

    /// Replaces every task; the definition stays.
    public func restart(id: String, force: Bool) async throws(MarathonFault) -> Ticket {
        try await change(.post, "/v2/apps\(escaped(id))/restart?force=\(force)", body: Array("{}".utf8))
    }
}
