import Daemons
struct Idle: DaemonModel {
    init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit) {}
    mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {}
    mutating func answer(_ request: HTTPRequest, at now: Moment, effects: inout [DaemonEffect]) -> HTTPAnswer {
        .response(HTTPResponse(404))
    }
    var wakes: Moment? { nil }
    var listeners: [Endpoint] { [] }
}
typealias MesosMaster = Idle
typealias MesosAgent = Idle
typealias Marathon = Idle
