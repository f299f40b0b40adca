internal import Specs

extension MarathonClient {
    // MARK: Apps

    /// `counts` and `deployments` are always there; up to 0.10 exactly one embed is read (marathon-api.md 1.4).
    func appAnswers() async throws(MarathonFault) -> [AppAnswer] {
        let embed = try await release() < MarathonRelease(0, 11) ? "apps.tasks" : "apps.taskStats"
        return try read(try await get("/v2/apps?embed=\(embed)")) { (field) throws(ShapeFault) in
            try field.required("apps").map { (item) throws(ShapeFault) in try AppAnswer(item) }
        }
    }

    func appAnswer(_ id: String) async throws(MarathonFault) -> AppAnswer? {
        guard let answer = try await find("/v2/apps\(escaped(id))") else { return nil }
        return try read(answer) { (field) throws(ShapeFault) in
            let app = try AppAnswer(try field.required("app"))
            guard app.app.id == id else { throw ShapeFault(path: "app.id") }
            return app
        }
    }

    private func release() async throws(MarathonFault) -> MarathonRelease {
        if let release = memory.release { return release }
        return try await info().context.release
    }

    func masking() -> AppMasking { AppMasking(secrets: secrets) }

    // MARK: Requests

    func get(_ path: String) async throws(MarathonFault) -> Answer {
        let answer = try await send(.get, path)
        guard 200..<300 ~= answer.answer.status else { throw fault(answer, isWrite: false) }
        return answer
    }

    /// nil where what is asked for does not exist.
    func find(_ path: String) async throws(MarathonFault) -> Answer? {
        do throws(MarathonFault) { return try await get(path) } catch {
            if case .missing = error.kind { return nil }
            throw error
        }
    }

    func change(
        _ method: RESTRequest.Method,
        _ path: String,
        body: [UInt8] = []
    ) async throws(MarathonFault) -> Ticket {
        let answer = try await send(method, path, body: body)
        guard 200..<300 ~= answer.answer.status else { throw fault(answer, isWrite: true) }
        do throws(MarathonFault) {
            return try read(answer) { (field) throws(ShapeFault) in try Ticket(field, answer.answer) }
        } catch {
            throw MarathonFault(error.kind, error.message, mayHaveBeenDone: true)
        }
    }

    /// What `body` makes of the JSON of an answer.
    func read<Result>(
        _ answer: Answer,
        _ body: (AnswerField) throws(ShapeFault) -> Result
    ) throws(MarathonFault) -> Result {
        let place = "\(answer.endpoint) answers \(answer.request) with"
        let value: AppValue
        do throws(InvalidJSON) { value = try AppValue(json: answer.answer.body) } catch {
            throw MarathonFault(
                .unreadable,
                "\(place) \(answer.answer.body.count) bytes that are no whole JSON (\(error)); try again, "
                    + "and look for a proxy in between"
            )
        }
        do throws(ShapeFault) { return try body(AnswerField(value)) } catch {
            throw MarathonFault(.unreadable, "\(place) JSON that is not Marathon's: see \(error.path)")
        }
    }

    // MARK: Paths

    /// `/shop/cart` as it stands after `/v2/apps`, every segment percent-encoded.
    func escaped(_ id: String) -> String {
        id.split(separator: "/").map { "/" + escapedSegment($0) }.joined()
    }

    /// RFC 3986, section 2.3.
    func escapedSegment(_ text: some StringProtocol) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += "%" + (digits.count == 1 ? "0" + digits : digits)
            }
        }
        return escaped
    }
}

extension MarathonClient.Ticket {
    /// `{version, deploymentId}`, or a created app up to 0.8.0; from 1.4 the header has the deployment too (marathon-api.md 1.0).
    init(_ field: AnswerField, _ answer: RESTAnswer) throws(ShapeFault) {
        var deployment = answer.header("Marathon-Deployment-Id")
        if deployment == nil { deployment = try field.optionalText("deploymentId") }
        if deployment == nil { deployment = try field.ids("deployments").first }
        self.init(deployment: deployment, version: try field.optionalText("version"))
    }
}
