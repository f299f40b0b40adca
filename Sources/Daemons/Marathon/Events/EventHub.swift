/// Clients of `/v2/events`.
struct EventHub: Hashable, Sendable, Codable {
    struct Stream: Hashable, Sendable, Codable {
        var id: Int
        var client: String
        /// Types wanted; all where there are none.
        var types: [String]
        /// `plan-format=light`: without the groups before and after.
        var isLight: Bool
    }

    private(set) var streams: [Stream] = []
    private var last = 0
    var beats = false

    var isEmpty: Bool { streams.isEmpty }

    mutating func open(client: String, types: [String], isLight: Bool) -> Stream {
        last += 1
        let stream = Stream(id: last, client: client, types: types, isLight: isLight)
        streams.append(stream)
        return stream
    }

    mutating func close(_ id: Int) -> Stream? {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return nil }
        return streams.remove(at: index)
    }
}

extension MarathonEngine {
    private static let heartbeatInterval = 10_000

    /// Sends an event to who wants it; `members` is asked for what stands beside type and time, and only then.
    ///
    /// Source: marathon-api.md 1.10, of the events and of the framing.
    mutating func emit(_ type: String, _ members: (EventHub.Stream) -> JSONObject) {
        for stream in events.streams where stream.types.isEmpty || stream.types.contains(type) {
            send(type, members(stream), to: stream)
        }
    }

    private mutating func send(_ type: String, _ members: JSONObject, to stream: EventHub.Stream) {
        var event = members
        event["eventType"] = .string(type)
        event["timestamp"] = .string(now.iso8601)
        let head = release < .init(0, 11) ? "" : "event: \(type)\r\n"
        out.append(.stream(id: stream.id, Array("\(head)data: \(JSON.object(event).text)\r\n\r\n".utf8)))
    }

    mutating func openStream(_ request: HTTPRequest) -> HTTPAnswer {
        let types = release < .init(1, 3, 7) ? [] : request.query.filter { $0.name == "event_type" }.map(\.value)
        let isLight =
            release >= .init(1, 8) || release >= .init(1, 6) && request.query("plan-format") == "light"
            || release >= .init(1, 7) && request.query("plan-format") == nil
        let stream = events.open(client: request.client, types: types, isLight: isLight)
        emit("event_stream_attached") { _ in ["remoteAddress": .string(stream.client)] }
        if !events.beats {
            events.beats = true
            agenda.add(.heartbeat, at: now + Self.heartbeatInterval)
        }
        let headers = [
            HTTPField("Content-Type", "text/event-stream;charset=utf-8"), HTTPField("Connection", "close"),
        ]
        return .stream(id: stream.id, status: 200, headers: headers)
    }

    mutating func closeStream(_ id: Int) {
        guard let stream = events.close(id) else { return }
        emit("event_stream_detached") { _ in ["remoteAddress": .string(stream.client)] }
    }

    mutating func closeStreams() {
        for stream in events.streams {
            _ = events.close(stream.id)
            out.append(.closeStream(id: stream.id))
        }
    }

    mutating func heartbeat() {
        events.beats = !events.isEmpty
        guard events.beats else { return }
        for stream in events.streams { out.append(.stream(id: stream.id, Array("\r\n".utf8))) }
        agenda.add(.heartbeat, at: now + Self.heartbeatInterval)
    }
}
