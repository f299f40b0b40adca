internal import Specs

extension MarathonClient {
    /// A whole answer and who gave it.
    struct Answer {
        var endpoint: RESTEndpoint
        var request: String
        var answer: RESTAnswer
    }

    /// One attempt has at most this long, so that a silent Marathon leaves time for another.
    private static let attemptLimit: Duration = .seconds(30)
    /// Between two rounds while nobody leads.
    private static let pause: Duration = .seconds(1)

    /// What came of one attempt.
    private enum Attempt {
        case answered(RESTAnswer)
        /// Not done there; the next one may do it. `isElecting`: nobody leads yet, which passes.
        case elsewhere(String, isElecting: Bool)
    }

    /// Sends a request to the Marathon that answered last, then to the others; while nobody leads, again until patience ends.
    ///
    /// - Parameters:
    ///   - method: Of a write, what may have arrived is sent nowhere else.
    ///   - path: After the base path, percent-encoded, with the query.
    ///   - body: JSON.
    /// - Returns: An answer with any status but those that say that it was not asked of a leader.
    /// - Throws: Nobody answers, or it is not known what came of a write.
    func send(
        _ method: RESTRequest.Method,
        _ path: String,
        body: [UInt8] = []
    ) async throws(MarathonFault) -> Answer {
        let headers = try headers()
        let end = clock.now() + patience
        while true {
            var failures: [String] = []
            var isElecting = false
            for endpoint in order {
                let rest = end - clock.now()
                guard rest > .zero else { break }
                let request = RESTRequest(
                    method,
                    path,
                    headers: headers,
                    body: body,
                    deadline: min(rest, Self.attemptLimit)
                )
                switch try await attempt(request, endpoint) {
                case .answered(let answer):
                    memory.endpoint = endpoint
                    return Answer(endpoint: endpoint, request: "\(method.rawValue) \(path)", answer: answer)
                case .elsewhere(let words, let electing):
                    failures.append(words)
                    isElecting = isElecting || electing
                }
            }
            guard isElecting, clock.now() + Self.pause < end else { throw nobody(failures, isElecting) }
            do { try await clock.sleep(Self.pause) } catch {
                throw MarathonFault(.cancelled, "waiting for a leader was called off")
            }
        }
    }

    /// The one that answered last is the first.
    private var order: [RESTEndpoint] {
        guard let last = memory.endpoint else { return reach.endpoints }
        return reach.endpoints.filter { $0 == last } + reach.endpoints.filter { $0 != last }
    }

    private func headers() throws(MarathonFault) -> [(name: String, value: String)] {
        let json = [(name: "Content-Type", value: "application/json"), (name: "Accept", value: "application/json")]
        let logins = RESTLogins(marathon: reach.credentials, marathonToken: reach.token)
        do throws(RESTLogins.MissingSecret) {
            let login = try logins.authorization(for: .marathon, secrets)
            return json + (login.map { [(name: "Authorization", value: $0)] } ?? [])
        } catch {
            throw MarathonFault(
                .unauthorized,
                "the login for Marathon needs \(error.reference), which has no value; set it"
            )
        }
    }

    private func nobody(_ failures: [String], _ isElecting: Bool) -> MarathonFault {
        let words = failures.isEmpty ? "no answer in \(patience)" : failures.joined(separator: "; ")
        let next =
            isElecting
            ? "no Marathon leads: look at ZooKeeper and at Marathon's log"
            : "check that Marathon runs and can be reached, or declare marathon.endpoint"
        return MarathonFault(.unreachable, "no Marathon answers (\(words)); \(next)")
    }

    // MARK: One attempt

    private func attempt(_ request: RESTRequest, _ endpoint: RESTEndpoint) async throws(MarathonFault) -> Attempt {
        let isWrite = request.method != .get
        let answer: RESTAnswer
        do throws(RESTError) { answer = try await transport.send(request, to: endpoint) } catch {
            let mayHaveBeenDone = isWrite && error.mayHaveArrived
            switch error.kind {
            case .cancelled:
                throw MarathonFault(.cancelled, masked(error.message), mayHaveBeenDone: mayHaveBeenDone)
            case .tooLarge where !isWrite:
                throw MarathonFault(.unreadable, masked(error.message))
            case .refused, .unreachable, .timedOut, .interrupted, .untrusted, .tooLarge:
                guard mayHaveBeenDone else { return .elsewhere(masked(error.message), isElecting: false) }
                throw MarathonFault(.unreachable, masked(error.message), mayHaveBeenDone: true)
            }
        }
        let place = "\(endpoint) answers \(answer.status)"
        switch answer.status {
        case 502...504:
            let words = words(of: answer)
            guard isWrite, !MarathonWords.wasNotForwarded(answer.body) else {
                return .elsewhere(words.map { "\(place): \($0)" } ?? place, isElecting: true)
            }
            throw MarathonFault(
                .failed(status: answer.status),
                words.map { "\(place): \($0)" } ?? place,
                mayHaveBeenDone: true
            )
        case 200..<300, 404:
            // A standby up to 0.8 whose leader is gone (marathon-api.md 1.0).
            guard answer.body.isEmpty else { return .answered(answer) }
            let words = "\(place) with nothing, as a standby does whose leader is gone"
            guard isWrite else { return .elsewhere(words, isElecting: true) }
            throw MarathonFault(.unreadable, words, mayHaveBeenDone: true)
        default: return .answered(answer)
        }
    }
}
