import Daemons
import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to a peer; a new one has a new number.
struct LinkID: Hashable, Sendable {
    var peer: Endpoint
    var number: Int
}

/// The connections over which this daemon's messages go, one a peer, in order.
///
/// As in libprocess a connection stays, and its end tells that the peer's process is gone. Lives in the daemon's loop.
struct Links {
    private struct Link {
        var id: LinkID
        var queue: AsyncStream<DaemonMessage>.Continuation
        /// The processes written to, in the order of their first message.
        var addressed: [ProcessID] = []
    }

    private let inbox: Inbox
    private var links: [Endpoint: Link] = [:]
    private var count = 0

    init(_ inbox: Inbox) { self.inbox = inbox }

    mutating func send(_ message: DaemonMessage) {
        let peer = message.to.endpoint
        var link = links[peer] ?? open(peer)
        if !link.addressed.contains(message.to) { link.addressed.append(message.to) }
        links[peer] = link
        link.queue.yield(message)
    }

    /// A connection is over.
    ///
    /// - Parameter id: Which.
    /// - Returns: Whom it reached, or was to reach; none where a newer connection has taken its place.
    mutating func ended(_ id: LinkID) -> [ProcessID] {
        guard let link = links[id.peer], link.id == id else { return [] }
        links[id.peer] = nil
        return link.addressed
    }

    private mutating func open(_ peer: Endpoint) -> Link {
        count += 1
        let id = LinkID(peer: peer, number: count)
        let (messages, queue) = AsyncStream.makeStream(of: DaemonMessage.self)
        let inbox = inbox
        Task {
            try? await MessageCarrier(peer: peer).carry(messages)
            inbox.post(.linkEnded(id))
        }
        return Link(id: id, queue: queue)
    }
}

/// Carries messages to a peer until either side ends it.
private struct MessageCarrier {
    let peer: Endpoint

    func carry(_ messages: AsyncStream<DaemonMessage>) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: peer.host, port: peer.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            await withTaskGroup(of: Void.self) { group in
                // A peer that answers anything but 202 does not take messages; it is treated as gone.
                group.addTask {
                    do {
                        for try await part in inbound {
                            if case .head(let head) = part, head.status != .accepted { return }
                        }
                    } catch {}
                }
                group.addTask {
                    do {
                        for await message in messages {
                            try await outbound.write(.head(message.head))
                            try await outbound.write(.body(.byteBuffer(ByteBuffer(string: message.body.text))))
                            try await outbound.write(.end(nil))
                        }
                    } catch {}
                }
                await group.next()
                group.cancelAll()
            }
        }
    }
}

extension DaemonMessage {
    /// `POST /NAME-OF-PROCESS/MESSAGE`, as libprocess sends it (mesos 1.11.0, 3rdparty/libprocess/src/encoder.hpp).
    fileprivate var head: HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: to.endpoint.description)
        headers.add(name: "User-Agent", value: "libprocess/\(from)")
        headers.add(name: "Libprocess-From", value: from.description)
        headers.add(name: "Connection", value: "Keep-Alive")
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(body.text.utf8.count))
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: "/\(to.name)/\(name)", headers: headers)
    }

    /// Reads what `head` and body say; nil for a request of a client that is no libprocess.
    ///
    /// - Parameters:
    ///   - request: Any request.
    ///   - endpoint: Where it arrived, for a request that does not say.
    init?(_ request: HTTPRequest, at endpoint: Endpoint) {
        let prefix = "libprocess/"
        guard request.method == "POST", let agent = request[header: "User-Agent"], agent.hasPrefix(prefix),
            let from = ProcessID(String(agent.dropFirst(prefix.count))),
            case let parts = request.segments, parts.count == 2,
            let body = try? JSON(parsing: request.body)
        else { return nil }
        let host = request[header: "Host"].flatMap { Endpoint($0) }
        self.init(from: from, to: ProcessID(parts[0], at: host ?? endpoint), parts[1], body)
    }
}
