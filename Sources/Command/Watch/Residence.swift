internal import Daemons
internal import Glibc
internal import Lab
internal import Reconciler
internal import Specs

/// Where a loop stays for days: a clock, and a way to the cluster that is taken anew for every round.
struct Residence: Sendable {
    /// One that goes on while the machine sleeps.
    var clock: any Clock<Duration> = ContinuousClock()
    /// Seconds since 1970.
    var now: @Sendable () -> Int = { time(nil) }
    /// The local time of this machine.
    var local: @Sendable (_ now: Int) -> TimeWindow.Instant = { TimeWindow.Instant(localTime: $0) }
    /// As `Wiring.connect`, and in its place where there is one.
    var connect: (@Sendable (Declared, Connection, _ body: Wiring.Body) async throws -> Void)?
}

extension Residence {
    /// In simulated time, which goes on by whoever sleeps here; its local time is UTC.
    static func inside(_ lab: Lab, _ body: Wiring.ResidenceBody) async throws {
        let residence = Residence(
            clock: lab.clock,
            now: { (try? lab.read { $0.now.milliseconds / 1000 }) ?? 0 },
            local: { TimeWindow.Instant(weekday: ($0 / 86_400 + 3) % 7, minute: $0 / 60 % 1440) },
            connect: { declared, connection, body in
                try await Ground(of: lab, under: declared).loop(over: declared, connection, body)
            }
        )
        do {
            try await lab.run { try await body(residence) }
        } catch let error as LabError {
            throw Stop(error)
        }
    }
}

extension TimeWindow.Instant {
    /// As the machine's time zone has it at `now`, seconds since 1970.
    init(localTime now: Int) {
        var (seconds, parts) = (time_t(now), tm())
        localtime_r(&seconds, &parts)
        // C counts from Sunday.
        self.init(weekday: (Int(parts.tm_wday) + 6) % 7, minute: Int(parts.tm_hour) * 60 + Int(parts.tm_min))
    }
}
