internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Reconciler
internal import Synchronization

/// Gathers one answer and notes how far the request came.
final class WholeAnswer: HTTPClientResponseDelegate {
    struct Progress: Hashable {
        /// The head of the request was written.
        var isSent = false
        /// The head of an answer was read.
        var isAnswered = false
    }

    private struct State {
        var progress = Progress()
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var progress: Progress { state.withLock { $0.progress } }

    /// The answer without its body, as soon as its head was read.
    var head: RESTAnswer? {
        state.withLock { $0.progress.isAnswered ? RESTAnswer(status: $0.status, headers: $0.headers) : nil }
    }

    func didSendRequestHead(task: HTTPClient.Task<RESTAnswer>, _ head: HTTPRequestHead) {
        state.withLock { $0.progress.isSent = true }
    }

    func didReceiveHead(task: HTTPClient.Task<RESTAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        state.withLock {
            $0.progress.isAnswered = true
            $0.status = Int(head.status.code)
            $0.headers = head.headers.map { ($0.name, $0.value) }
            // What a server announces is not yet memory.
            $0.body.reserveCapacity(min(announced, limit, 1 << 20))
        }
        guard announced <= limit else { return task.eventLoop.makeFailedFuture(Fault(tooLargeFor: limit)) }
        // Nobody asked for it, so nobody can tell what is in it.
        if let coding = head.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            return task.eventLoop.makeFailedFuture(
                Fault(
                    .interrupted,
                    mayHaveArrived: true,
                    "the answer is compressed (\(coding.prefix(40))) though nothing asked for that",
                    "look at what stands before the server"
                )
            )
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<RESTAnswer>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock {
            guard $0.body.count + buffer.readableBytes <= limit else { return false }
            $0.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return fits
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(Fault(tooLargeFor: limit))
    }

    func didFinishRequest(task: HTTPClient.Task<RESTAnswer>) throws -> RESTAnswer {
        state.withLock { RESTAnswer(status: $0.status, headers: $0.headers, body: $0.body) }
    }
}

extension Fault {
    fileprivate init(tooLargeFor limit: Int) {
        self.init(
            .tooLarge,
            mayHaveArrived: true,
            "the answer is larger than \(limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit) bytes")",
            "ask for less at once, or look at what answers there"
        )
    }
}
