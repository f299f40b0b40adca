import Daemons

/// The daemons that are state machines, in one type that can be saved.
///
/// To be changed by its only owner: each of these takes the model out, so that what it holds is not copied.
enum LabDaemon: Codable, Sendable {
    case master(MesosMaster)
    case agent(MesosAgent)
    case marathon(Marathon)
    /// While the model is out.
    case none

    init(
        _ program: LabProgram,
        _ start: DaemonStart,
        at now: Moment,
        effects: inout [DaemonEffect]
    ) throws(DaemonExit) {
        switch program {
        case .mesosMaster: self = .master(try MesosMaster(start, at: now, effects: &effects))
        case .mesosAgent: self = .agent(try MesosAgent(start, at: now, effects: &effects))
        case .marathon: self = .marathon(try Marathon(start, at: now, effects: &effects))
        case .zooKeeper, .docker, .haproxy, .other: throw DaemonExit("\(program.rawValue) is no daemon of this kind")
        }
    }

    mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {
        switch self {
        case .master(var model):
            self = .none
            model.receive(event, at: now, effects: &effects)
            self = .master(model)
        case .agent(var model):
            self = .none
            model.receive(event, at: now, effects: &effects)
            self = .agent(model)
        case .marathon(var model):
            self = .none
            model.receive(event, at: now, effects: &effects)
            self = .marathon(model)
        case .none: break
        }
    }

    mutating func answer(_ request: HTTPRequest, at now: Moment, effects: inout [DaemonEffect]) -> HTTPAnswer {
        switch self {
        case .master(var model):
            self = .none
            defer { self = .master(model) }
            return model.answer(request, at: now, effects: &effects)
        case .agent(var model):
            self = .none
            defer { self = .agent(model) }
            return model.answer(request, at: now, effects: &effects)
        case .marathon(var model):
            self = .none
            defer { self = .marathon(model) }
            return model.answer(request, at: now, effects: &effects)
        case .none: return .response(HTTPResponse(503))
        }
    }

    var wakes: Moment? {
        switch self {
        case .master(let model): model.wakes
        case .agent(let model): model.wakes
        case .marathon(let model): model.wakes
        case .none: nil
        }
    }

    var listeners: [Endpoint] {
        switch self {
        case .master(let model): model.listeners
        case .agent(let model): model.listeners
        case .marathon(let model): model.listeners
        case .none: []
        }
    }

    /// What a program prints with `--help`, for those whose flags the lab knows.
    static func help(_ program: LabProgram, _ version: String) -> String? {
        switch program {
        case .mesosMaster: MesosMaster.help(version: version)
        case .mesosAgent: MesosAgent.help(version: version)
        case .marathon, .zooKeeper, .docker, .haproxy, .other: nil
        }
    }
}
