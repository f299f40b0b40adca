internal import Daemons
public import Reconciler
public import Specs

extension LabWorld {
    /// Answers every request, in order.
    ///
    /// - Parameters:
    ///   - requests: As the engine asks them.
    ///   - node: Which is visited.
    /// - Returns: One answer a request.
    /// - Throws: Nobody answers there.
    public mutating func observe(
        _ requests: [FactRequest],
        on node: NodeName
    ) throws(NodeAccessError) -> [FactAnswer] {
        let index = try visit(node)
        return requests.map { answer($0, on: index) }
    }

    /// Performs `actions` in order and stops at the first that does not succeed.
    ///
    /// No time passes: `.collect` answers at once with what there is, and `jobEnds` says when there is more.
    /// - Parameters:
    ///   - actions: Without references to secrets.
    ///   - run: Names backups and jobs.
    ///   - node: Which is visited.
    /// - Returns: One result for each that was tried.
    /// - Throws: Nobody answers there, or the connection broke on the way.
    public mutating func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeName
    ) throws(NodeAccessError) -> [ActionResult] {
        let index = try visit(node)
        var results: [ActionResult] = []
        for action in actions {
            if machines[index].breaksVisitAfter == results.count { break }
            let result =
                action == .refreshBalancer
                ? refreshBalancer(on: index, run: run) : machines[index].node.perform(action, run: run, at: now)
            if case .installPackages(_, let job) = action {
                machines[index].node.delay(job, run: run, by: machines[index].packageDelayMilliseconds)
            }
            settle(index)
            results.append(result)
            guard result.isSuccess else { break }
        }
        guard machines[index].breaksVisitAfter == nil else {
            machines[index].breaksVisitAfter = nil
            throw NodeAccessError(
                .interrupted,
                "\(node): the connection broke (Connection to \(machines[index].node.address) closed by remote host.); "
                    + "what was reached is unknown, observe again"
            )
        }
        return results
    }

    /// When a detached job ends or has ended; nil where there is no such job.
    func jobEnds(_ job: String, run: RunID, on node: NodeName) -> Moment? {
        indices[node.text].flatMap { machines[$0].node.jobEnds(job, run: run) }
    }

    private func visit(_ node: NodeName) throws(NodeAccessError) -> Int {
        guard let index = indices[node.text] else {
            throw NodeAccessError(.nameNotFound, "\(node): the lab has no node of that name; check `lab status`")
        }
        guard network.reaches(from: nil, to: node.text) else {
            throw NodeAccessError(
                .unreachable,
                "\(node): nobody answers (ssh: connect to host \(machines[index].node.address) port 22: "
                    + "No route to host); check that the host is up and the way to it"
            )
        }
        return index
    }

    private mutating func answer(_ request: FactRequest, on index: Int) -> FactAnswer {
        switch request {
        case .fourLetterWord(let word, let address, let port):
            return answer(word, to: Endpoint(address, port), on: index)
        case .http(let address, let port, let path):
            return answer(path, of: Endpoint(address, port), on: index)
        case .reach(let address, let port):
            return .reach(knock(Endpoint(address, port), from: index))
        case .listening(let ports): return .listening(listeningSockets(on: index, ports: ports))
        case .resolve(let name):
            let answer = machines[index].node.answer(request, at: now)
            if let answer, answer != .absent { return answer }
            return network.lookUp(name).map { .addresses([$0]) } ?? .absent
        default:
            return machines[index].node.answer(request, at: now, help: LabDaemon.help)
                ?? .unknown(reason: "the lab does not know")
        }
    }

    private mutating func answer(_ word: String, to endpoint: Endpoint, on index: Int) -> FactAnswer {
        let name = machines[index].name
        guard let target = machine(at: endpoint.host, askedOn: name),
            network.reaches(from: name, to: machines[target].name)
        else { return .unknown(reason: "\(word) at \(endpoint): no answer within 5 s") }
        guard let text = zooKeeper.word(word, to: endpoint, on: machines[target].name, at: now) else { return .absent }
        return text.isEmpty
            ? .unknown(reason: "\(word) at \(endpoint): closed without an answer") : .text(text)
    }

    private mutating func answer(_ path: String, of endpoint: Endpoint, on index: Int) -> FactAnswer {
        let request = HTTPRequest(
            "GET",
            path,
            headers: [HTTPField("Host", endpoint.description), HTTPField("Accept", "*/*")],
            client: machines[index].node.address
        )
        switch http(request, to: endpoint, from: machines[index].node.name) {
        case .response(let response):
            return .http(status: response.status, body: String(decoding: response.body.prefix(65_536), as: UTF8.self))
        case .stream(let id, _, _):
            closeStream(id)
            return .unknown(reason: "http://\(endpoint)\(path): the answer did not end within 10 s")
        case .refused: return .absent
        case .unreachable: return .unknown(reason: "http://\(endpoint)\(path): no answer within 10 s")
        }
    }
}

extension LabNode {
    /// Makes a detached job of this run end later.
    fileprivate mutating func delay(_ job: String, run: RunID, by milliseconds: Int) {
        guard milliseconds > 0, let ends = jobEnds(job, run: run) else { return }
        jobs["\(run)/\(job)"]?.ends = ends + milliseconds
    }
}

extension ActionResult {
    var isSuccess: Bool {
        switch self {
        case .done, .alreadyInPlace: true
        case .conflict, .pending, .failed: false
        }
    }
}
