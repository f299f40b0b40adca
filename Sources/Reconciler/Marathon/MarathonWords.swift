internal import Specs

/// What Marathon says went wrong, in the forms of every release (marathon-api.md 1.0).
enum MarathonWords {
    private static let longest = 600

    /// The words of an error body; nil where it is no JSON object (Jetty's pages) or says nothing.
    static func words(_ body: AppValue?) -> String? {
        guard let body, body.members != nil else { return nil }
        let head = body["message"]?.plainText ?? body["title"]?.plainText
        let reasons = reasons(body["errors"]) + reasons(body["details"])
        let all = [head, reasons.isEmpty ? nil : reasons.joined(separator: "; ")].compactMap { $0 }
        return all.isEmpty ? nil : all.joined(separator: ": ")
    }

    /// One text, or a list of texts, `{attribute, error}` or `{path, errors}`.
    private static func reasons(_ value: AppValue?) -> [String] {
        switch value {
        case .text(let content)?: [content.shown]
        case .list(let items)?: items.flatMap { reason($0) }
        case .null?, .boolean?, .number?, .object?, nil: []
        }
    }

    private static func reason(_ item: AppValue) -> [String] {
        if let text = item.plainText { return [text] }
        let place = (item["attribute"] ?? item["path"])?.plainText
        let errors = ([item["error"]].compactMap { $0 } + (item["errors"]?.items ?? [])).compactMap(\.plainText)
        let words = errors.joined(separator: ", ")
        guard let place, !place.isEmpty else { return words.isEmpty ? [] : [words] }
        return [words.isEmpty ? place : "\(place): \(words)"]
    }

    /// Whether a 502, 503 or 504 says that the request was never handed to a leader; others may come after it was.
    static func wasNotForwarded(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body.prefix(8192), as: UTF8.self).lowercased()
        return [
            "connection to leader refused", "could not determine the current leader", "detected proxying loop",
            "too many concurrent requests",
        ].contains { text.contains($0) }
    }

    /// Fit for a line.
    static func line(_ words: Content) -> String {
        let swept = SensitiveNames.redactingUserinfo(
            SensitiveNames.redactingValues(in: words, of: { Redaction.isSensitive($0) }, unless: { _ in false })
        )
        let line = swept.shown.split { $0.isWhitespace }.joined(separator: " ")
        return line.count > longest ? String(line.prefix(longest)) + "…" : line
    }
}

extension MarathonClient {
    /// `text` without values of secrets, on one line.
    func masked(_ text: String) -> String { MarathonWords.line(secrets.hiding(text)) }

    /// What an error body says, masked.
    func words(of answer: RESTAnswer) -> String? {
        let body = try? AppValue(json: answer.body)
        return MarathonWords.words(body).map(masked)
    }

    /// The fault that a status from 300 on is.
    func fault(_ answer: Answer, isWrite: Bool) -> MarathonFault {
        let status = answer.answer.status
        let body = try? AppValue(json: answer.answer.body)
        let words = MarathonWords.words(body)
        let kind = kind(status, body, words ?? "")
        let mayHaveBeenDone =
            switch kind {
            case .failed(let status): isWrite && status >= 500
            case .unreachable, .unauthorized, .forbidden, .locked, .exists, .invalid, .missing, .unreadable, .cancelled:
                false
            }
        let parts = ["\(answer.endpoint) answers \(status) to \(answer.request)", words.map(masked), next(kind)]
        return MarathonFault(
            kind,
            parts.compactMap { $0 }.joined(separator: ": "),
            mayHaveBeenDone: mayHaveBeenDone
        )
    }

    private func kind(_ status: Int, _ body: AppValue?, _ words: String) -> MarathonFault.Kind {
        switch status {
        case 401: return .unauthorized
        case 403: return .forbidden
        case 404 where body?["message"]?.plainText?.hasSuffix("does not exist") == true || isUnknownVersion(words):
            return .missing
        case 409:
            if let holding = body?["deployments"]?.items {
                return .locked(deployments: holding.compactMap { $0["id"]?.plainText })
            }
            if words.contains("is locked by") { return .locked(deployments: []) }
            return words.contains("already") ? .exists : .invalid
        case 400, 422: return .invalid
        // 0.7 for a body of the wrong shape (marathon-api.md 1.0).
        case 500 where words.contains("JsResultException") || words.contains("requirement failed"): return .invalid
        default: return .failed(status: status)
        }
    }

    /// `App '/x' does not exist in version …` (marathon-api.md 1.0).
    private func isUnknownVersion(_ words: String) -> Bool { words.contains("does not exist in version") }

    private func next(_ kind: MarathonFault.Kind) -> String? {
        switch kind {
        case .unauthorized: "check marathon.httpCredentials or marathon.token"
        case .failed(300..<400): "redirects are not followed; declare the address it leads to as marathon.endpoint"
        case .failed(404): "this is not what Marathon says of something unknown; check marathon.endpoint"
        case .forbidden: "see what Marathon's authorisation allows this login"
        case .failed(500...): "look into Marathon's log"
        case .failed, .unreachable, .locked, .exists, .invalid, .missing, .unreadable, .cancelled: nil
        }
    }
}
