import Daemons

/// What is going to happen in a world.
///
/// Machines by their index, processes by their serial number.
enum AgendaItem: Codable, Sendable {
    /// Something a machine does by itself; void unless it is still scheduled for that moment.
    case machine(Int)
    /// A daemon's `wakes`; void unless it is still scheduled for that moment.
    case wake(Int)
    /// A process has done what it does before it serves.
    case begin(Int)
    case deliver(DaemonMessage, from: Int)
    case event(DaemonEvent, to: Int)
    case container(machine: Int, id: String, ContainerStep)
    case probe(id: Int, HealthProbe, by: Int)
}

enum ContainerStep: Codable, Sendable {
    /// It is there, after what it takes to make it.
    case start
    /// Its process ends, by itself or by a signal.
    case end(status: Int)
}
