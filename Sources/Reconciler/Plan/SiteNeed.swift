internal import Specs

/// What is to be done so that a service of the site's own is as `services:` says; aspects it does not name are left alone.
struct SiteNeed: Hashable {
    /// In order; none where it is as it should be.
    var intents: [ServiceIntent] = []
    /// Such as "stopped → running, off at boot → on".
    var words = ""
    /// Why it cannot be brought about, where that shows.
    var lack: Lack?

    enum Lack: Hashable {
        /// The node has no such service.
        case service
        /// It is there, and nothing can make a boot start it; says why.
        case boot(String)
    }

    /// nil where what has to be known is not.
    init?(_ wish: SiteWish, _ observed: ObservedService, under initSystem: Platform.InitSystem?) {
        guard let boot = Self.boot(wish.boot, observed), let run = Self.run(wish.running, observed) else { return nil }
        switch (boot, run) {
        case (.keep, .keep): return
        case (.on, .on): intents = [.start]
        case (.on, .keep): intents = [.enable]
        case (.on, .off): intents = [.enable, .stop]
        case (.keep, .on):
            // What is behind a mask shows only when the mask is gone.
            intents = wish.boot == false && observed.boot == .masked ? [.startNow, .disable] : [.startNow]
        case (.keep, .off): intents = [.stop]
        case (.off, .keep): intents = [.disable]
        case (.off, .on): intents = [.startNow, .disable]
        case (.off, .off): intents = [.stop, .disable]
        }
        words = [runWords(run, observed), bootWords(boot, observed)].compactMap { $0 }.joined(separator: ", ")
        let needsService = boot == .on || run == .on
        if needsService, observed.boot == .none || observed.detail == "unknown job" {
            lack = .service
        } else if boot == .on, let obstacle = Self.obstacle(observed, under: initSystem) {
            lack = .boot(obstacle)
        }
    }

    private enum Turn { case keep, on, off }

    private static func boot(_ wish: Bool?, _ observed: ObservedService) -> Turn? {
        switch (wish, observed.boot) {
        case (nil, _), (true, .on), (false, .off), (false, .masked), (false, .none): .keep
        case (_, .unknown): nil
        case (true, .off), (true, .masked), (true, .none): .on
        case (false, .on): .off
        }
    }

    private static func run(_ wish: Bool?, _ observed: ObservedService) -> Turn? {
        switch (wish, observed.run) {
        case (nil, _), (true, .running), (false, .stopped), (false, .failed): .keep
        case (_, .unknown), (true, .changing): nil
        case (true, .stopped), (true, .failed), (true, .restarting): .on
        case (false, .running), (false, .restarting), (false, .changing): .off
        }
    }

    private func runWords(_ turn: Turn, _ observed: ObservedService) -> String? {
        switch turn {
        case .keep: nil
        case .on: "\(observed.run.rawValue) → running"
        case .off: "\(observed.run.rawValue) → stopped"
        }
    }

    private func bootWords(_ turn: Turn, _ observed: ObservedService) -> String? {
        switch turn {
        case .keep: nil
        case .on: "\(observed.boot == .masked ? "masked" : "off at boot") → on"
        case .off: "starts at boot → off"
        }
    }

    /// Units that `systemctl enable` leaves as they are, and jobs that no event starts (mesos-zk-ops.md 1.5).
    private static func obstacle(_ observed: ObservedService, under initSystem: Platform.InitSystem?) -> String? {
        guard observed.boot == .off else { return nil }
        // What `manual` holds off counts as masked: what is left has no `start on`.
        if initSystem == .upstart { return "its job names no event that starts it (`start on`)" }
        let states = ["static", "generated", "transient", "indirect"]
        return states.first { observed.detail.hasSuffix(", \($0)") }.map {
            "its unit is \($0), so nothing can enable it"
        }
    }
}
