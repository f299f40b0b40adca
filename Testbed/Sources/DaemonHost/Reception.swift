import Daemons
import Serving

/// What happens to a request that arrives at one of a daemon's listeners.
struct Reception: Sendable {
    let inbox: Inbox
    let endpoint: Endpoint

    func reply(to request: HTTPRequest) async -> HTTPReply {
        if let message = DaemonMessage(request, at: endpoint) {
            inbox.post(.message(message))
            return .whole(HTTPResponse(202))
        }
        var request = request
        while true {
            switch await inbox.ask(request) {
            case .reply(let reply): return reply
            case .forward(let forward): return .whole(await response(to: forward))
            case .askAgain(let milliseconds):
                try? await Task.sleep(for: .milliseconds(milliseconds))
                request.attempt += 1
            }
        }
    }

    private func response(to forward: HTTPForward) async -> HTTPResponse {
        do throws(HTTPCallFailure) {
            let timeout = Duration.milliseconds(forward.timeoutMilliseconds)
            var response = try await HTTPCaller().answer(to: forward.request, from: forward.to, within: timeout)
            // The framing is this connection's own.
            let framing = ["connection", "content-length", "transfer-encoding", "keep-alive"]
            response.headers.removeAll { framing.contains($0.name.lowercased()) }
            response.headers += forward.added
            return response
        } catch {
            switch error {
            case .timedOut: return forward.timedOut
            case .refused, .broken: return forward.refused
            }
        }
    }
}
