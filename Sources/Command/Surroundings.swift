/// What a command finds around it: a terminal, signals, and a way to files and nodes.
///
/// Tests put their own in its place.
struct Surroundings: Sendable {
    var console: Console
    var interrupts: Interrupts
    var wiring: Wiring

    @TaskLocal static var current = Surroundings.live(Interrupts())

    static func live(_ interrupts: Interrupts) -> Surroundings {
        Surroundings(console: .live, interrupts: interrupts, wiring: .live)
    }
}
