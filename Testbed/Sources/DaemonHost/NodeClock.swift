import Daemons
import Glibc

extension Moment {
    /// The node's own clock.
    static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }
}

/// Posts `.wake` when it is time.
struct Alarm {
    private let inbox: Inbox
    private var set: Moment?
    private var sleep: Task<Void, Never>?

    init(_ inbox: Inbox) { self.inbox = inbox }

    /// Replaces what was set before; nil for none.
    mutating func set(_ moment: Moment?) {
        guard moment != set else { return }
        set = moment
        sleep?.cancel()
        sleep = moment.map { moment in
            let inbox = inbox
            return Task {
                let left = moment - .now
                if left > 0, (try? await Task.sleep(for: .milliseconds(left))) == nil { return }
                if !Task.isCancelled { inbox.post(Input.wake) }
            }
        }
    }

    /// What was set has come and gone.
    mutating func rang() { set = nil }
}
