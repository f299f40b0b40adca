import CZooKeeper
import Daemons

/// What the client library's threads find out about a session.
enum SessionNews: Sendable {
    case connected(id: Int)
    case disconnected
    case expired
    /// The library could not even begin, such as where a server's name has no address.
    case retry
}

/// The daemon's one ZooKeeper session, by libzookeeper_mt.
///
/// Lives in the daemon's loop. The library calls back on threads of its own, which do nothing but leave a value in the inbox.
final class CoordinationSession {
    private let inbox: Inbox
    private var handle: OpaquePointer?
    private var sink: Unmanaged<SessionSink>?
    private var request: (servers: [Endpoint], milliseconds: Int)?
    /// Counts handles, so that the last words of an old one are not taken for the present one's.
    private var number = 0
    private var isConnected = false
    private var wasConnected = false

    init(_ inbox: Inbox) {
        self.inbox = inbox
        // The library complains of every connection it tries, thirty times a second while there is no quorum.
        zoo_set_debug_level(ZooLogLevel(rawValue: 0))
    }

    func carryOut(_ request: CoordinationRequest) {
        switch request {
        case .connect(let servers, let milliseconds): open(servers, milliseconds)
        case .close:
            self.request = nil
            discard()
        case .create(let tag, let path, let data, let ephemeral, let sequential):
            create(tag, path, data, flags: (ephemeral ? ZOO_EPHEMERAL : 0) | (sequential ? ZOO_SEQUENCE : 0))
        case .set(let tag, let path, let data):
            call(tag) { handle, pending in
                zoo_aset(handle, path, data, Int32(data.utf8.count), -1, { PendingCall.done($0, $2) }, pending)
            }
        case .delete(let tag, let path):
            call(tag) { zoo_adelete($0, path, -1, { PendingCall.done($0, $1) }, $1) }
        case .get(let tag, let path):
            call(tag) { handle, pending in
                zoo_aget(
                    handle,
                    path,
                    0,
                    { code, value, count, _, data in PendingCall.data(code, value, count, data) },
                    pending
                )
            }
        case .children(let tag, let path, let watch): children(tag, path, watch)
        }
    }

    /// Takes what a session's threads said.
    ///
    /// - Parameters:
    ///   - news: What they said.
    ///   - session: Whose threads: `number` at that time.
    /// - Returns: What the model is to hear of it, if anything.
    func take(_ news: SessionNews, session: Int) -> CoordinationEvent? {
        guard session == number else { return nil }
        switch news {
        case .connected(let id):
            guard !isConnected else { return nil }
            defer { (isConnected, wasConnected) = (true, true) }
            return .connected(session: id, again: wasConnected)
        case .disconnected:
            guard isConnected else { return nil }
            isConnected = false
            return .disconnected
        case .expired:
            discard()
            return .expired
        case .retry:
            if let request { open(request.servers, request.milliseconds) }
            return nil
        }
    }

    private func open(_ servers: [Endpoint], _ milliseconds: Int) {
        discard()
        request = (servers, milliseconds)
        let session = number
        let sink = Unmanaged.passRetained(SessionSink(inbox: inbox, session: session))
        let hosts = servers.map(\.description).joined(separator: ",")
        handle = zookeeper_init(hosts, SessionSink.watcher, Int32(milliseconds), nil, sink.toOpaque(), 0)
        if handle != nil {
            self.sink = sink
        } else {
            sink.release()
            let inbox = inbox
            Task {
                try? await Task.sleep(for: .seconds(1))
                inbox.post(.session(.retry, session: session))
            }
        }
    }

    /// Ends the session and its threads; every call still open is answered before this returns.
    private func discard() {
        number += 1
        (isConnected, wasConnected) = (false, false)
        if let handle { zookeeper_close(handle) }
        handle = nil
        sink?.release()
        sink = nil
    }

    private func create(_ tag: Int, _ path: String, _ data: String, flags: Int32) {
        call(tag) { handle, pending in
            zoo_acreate(
                handle,
                path,
                data,
                Int32(data.utf8.count),
                czookeeper_open_to_all(),
                flags,
                { PendingCall.created($0, $1, $2) },
                pending
            )
        }
    }

    private func children(_ tag: Int, _ path: String, _ watch: Bool) {
        let context = sink?.toOpaque()
        call(tag) { handle, pending in
            zoo_awget_children(
                handle,
                path,
                watch ? SessionSink.childWatcher : nil,
                watch ? context : nil,
                { PendingCall.children($0, $1, $2) },
                pending
            )
        }
    }

    /// Begins a call, which is answered once in any case.
    private func call(_ tag: Int, _ begin: (OpaquePointer, UnsafeMutableRawPointer) -> Int32) {
        guard let handle, isConnected else { return inbox.post(.coordination(.answer(tag: tag, .lost))) }
        let pending = Unmanaged.passRetained(PendingCall(inbox: inbox, tag: tag))
        if begin(handle, pending.toOpaque()) != ZOK.rawValue {
            pending.release()
            inbox.post(.coordination(.answer(tag: tag, .lost)))
        }
    }
}

/// What the watchers of one handle know: where to leave word.
private final class SessionSink: Sendable {
    private let inbox: Inbox
    private let session: Int

    init(inbox: Inbox, session: Int) {
        self.inbox = inbox
        self.session = session
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SessionSink? {
        context.map { Unmanaged<SessionSink>.fromOpaque($0).takeUnretainedValue() }
    }

    static let watcher: watcher_fn = { handle, type, state, _, context in
        guard type == ZOO_SESSION_EVENT, let sink = from(context) else { return }
        let news: SessionNews =
            switch state {
            case ZOO_CONNECTED_STATE: .connected(id: zoo_client_id(handle).map { Int($0.pointee.client_id) } ?? 0)
            case ZOO_EXPIRED_SESSION_STATE: .expired
            default: .disconnected
            }
        sink.inbox.post(.session(news, session: sink.session))
    }

    /// Of a node's children; what the session goes through is told to every watcher and of no interest here.
    static let childWatcher: watcher_fn = { _, type, _, path, context in
        guard type != ZOO_SESSION_EVENT, type != ZOO_NOTWATCHING_EVENT, let path, let sink = from(context) else {
            return
        }
        sink.inbox.post(.coordination(.childrenChanged(path: String(cString: path))))
    }
}

/// A call that ZooKeeper has not answered yet.
private final class PendingCall: Sendable {
    private let inbox: Inbox
    private let tag: Int

    init(inbox: Inbox, tag: Int) {
        self.inbox = inbox
        self.tag = tag
    }

    private static func answer(
        _ code: Int32,
        _ data: UnsafeRawPointer?,
        _ success: @autoclosure () -> CoordinationAnswer
    ) {
        guard let data else { return }
        let call = Unmanaged<PendingCall>.fromOpaque(data).takeRetainedValue()
        let answer: CoordinationAnswer =
            switch code {
            case ZOK.rawValue: success()
            case ZNONODE.rawValue: .noNode
            case ZNODEEXISTS.rawValue: .exists
            case ZNOTEMPTY.rawValue: .notEmpty
            default: .lost
            }
        call.inbox.post(.coordination(.answer(tag: call.tag, answer)))
    }

    static func done(_ code: Int32, _ data: UnsafeRawPointer?) { answer(code, data, .done) }

    static func created(_ code: Int32, _ path: UnsafePointer<CChar>?, _ data: UnsafeRawPointer?) {
        answer(code, data, .created(path: path.map { String(cString: $0) } ?? ""))
    }

    static func data(_ code: Int32, _ value: UnsafePointer<CChar>?, _ count: Int32, _ data: UnsafeRawPointer?) {
        let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : max(0, Int(count)))
        answer(code, data, .data(String(decoding: bytes, as: UTF8.self)))
    }

    static func children(_ code: Int32, _ names: UnsafePointer<String_vector>?, _ data: UnsafeRawPointer?) {
        let list = UnsafeBufferPointer(start: names?.pointee.data, count: Int(names?.pointee.count ?? 0))
        answer(code, data, .children(list.compactMap { $0.map { String(cString: $0) } }.sorted()))
    }
}
