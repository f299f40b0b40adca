/// `watch:`, the daily loop.
public struct WatchSpec: Hashable, Sendable {
    /// What may be done without anybody looking on.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Files of which nothing that runs has to be restarted.
        case files
        /// Services that are down or would not start at boot.
        case services
        case packages
        case images
        /// Apps of Marathon, as far as no running task ends by it.
        case apps
        /// Whatever restarts, stops or ends something, of the kinds that are named beside it.
        case restarts

        /// What may be corrected where nothing is said: nothing that anybody would notice.
        public static let undisturbing: [Kind] = [.files, .services, .images, .apps]
    }

    public var interval: Located<MesosDuration>?
    public var correct: Located<Bool>?
    /// When corrections may happen; at any time where there are none.
    public var windows: [Located<TimeWindow>]
    /// Which kinds of change are corrected; `Kind.undisturbing` where nothing is said.
    public var kinds: [Located<Kind>]
    public var webhook: WebhookSpec?
    /// Resources that drift and are neither told nor corrected, such as `file:/etc/motd` or `service:*`; `*` stands for any text.
    public var ignore: [Located<String>]

    public init(
        interval: Located<MesosDuration>? = nil,
        correct: Located<Bool>? = nil,
        windows: [Located<TimeWindow>] = [],
        kinds: [Located<Kind>] = [],
        webhook: WebhookSpec? = nil,
        ignore: [Located<String>] = []
    ) {
        self.interval = interval
        self.correct = correct
        self.windows = windows
        self.kinds = kinds
        self.webhook = webhook
        self.ignore = ignore
    }
}
