public import Reconciler

/// The loop in numbers, for Prometheus: what `watch --listen` serves at /metrics.
///
/// The number of series is fixed: no label holds a node, a file or an app. What is not known yet is left out rather than 0.
public struct LoopMetrics: Hashable, Sendable {
    /// Of an answer that holds `text`.
    public static let mediaType = Exposition.mediaType

    /// As published last; nil before the first time.
    public var status: LoopStatus?
    /// What is wrong with the loop itself.
    public var trouble: String?
    /// Nodes of the last look; nil before the first.
    public var nodes: Nodes?
    /// Of all rounds that ended, in seconds.
    public var roundSeconds: Int
    /// Of the program.
    public var version: String
    /// When the process began, seconds since 1970 by this machine's clock.
    public var started: Int

    public struct Nodes: Hashable, Sendable {
        public var answered: Int
        public var silent: Int

        public init(_ plan: Plan) {
            silent = plan.nodes.count { $0.failure != nil }
            answered = plan.nodes.count - silent
        }
    }

    public init(
        _ status: LoopStatus?,
        trouble: String? = nil,
        nodes: Nodes? = nil,
        roundSeconds: Int = 0,
        version: String,
        started: Int
    ) {
        self.status = status
        self.trouble = trouble
        self.nodes = nodes
        self.roundSeconds = roundSeconds
        self.version = version
        self.started = started
    }

    public var text: String {
        var page = Exposition()
        page.add(
            "reconciler_build_info",
            .gauge,
            "The program's version; always 1.",
            [.init(labels: ["version": version], value: 1)]
        )
        page.add(
            "reconciler_process_start_time_seconds",
            .gauge,
            "When the process began, in seconds since 1970.",
            started
        )
        page.add("reconciler_overdue", "Whether the loop itself hangs, as /healthz says it.", trouble != nil)
        guard let status else { return page.text }
        describe(status, on: &page)
        rounds(status, on: &page)
        findings(status, on: &page)
        return page.text
    }

    private func describe(_ status: LoopStatus, on page: inout Exposition) {
        page.add(
            "reconciler_loop_info",
            .gauge,
            "The cluster, and whether the loop corrects or only reports; always 1.",
            [.init(labels: ["cluster": status.cluster, "mode": status.mode.rawValue], value: 1)]
        )
        page.add("reconciler_interval_seconds", .gauge, "Time between looks.", status.intervalSeconds)
        page.add(
            "reconciler_revision_info",
            .gauge,
            "The git revision that is planned by; always 1, and absent outside git.",
            status.revision.good.map { [.init(labels: ["revision": $0], value: 1)] } ?? []
        )
        page.add(
            "reconciler_bad_revision",
            "Whether the newest declaration cannot be used, so that the last good one stays.",
            status.revision.bad != nil
        )
        page.add(
            "reconciler_bad_revisions_total",
            .counter,
            "Declarations that could not be used.",
            status.counters.badRevisions
        )
        page.add("reconciler_paused", "Whether the loop was paused when the last round began.", status.pause != nil)
        page.add(
            "reconciler_pause_end_timestamp_seconds",
            .gauge,
            "When the pause ends by itself, in seconds since 1970.",
            status.pause?.until
        )
        page.add(
            "reconciler_webhook_failures_total",
            .counter,
            "Tries that did not deliver a notice, and notices that were dropped.",
            status.counters.webhookFailures
        )
    }

    private func rounds(_ status: LoopStatus, on page: inout Exposition) {
        let counters = status.counters
        page.add("reconciler_rounds_total", .counter, "Rounds that ended, however they did.", counters.rounds)
        page.add("reconciler_failed_rounds_total", .counter, "Rounds that failed.", counters.failedRounds)
        page.add(
            "reconciler_round_duration_seconds",
            .summary,
            "How long rounds took, corrections included.",
            [.init(suffix: "_sum", value: roundSeconds), .init(suffix: "_count", value: counters.rounds)]
        )
        page.add("reconciler_round_running", "Whether a round goes on.", status.nextRound == nil)
        page.add(
            "reconciler_next_round_timestamp_seconds",
            .gauge,
            "When the next round is due, in seconds since 1970; absent while one goes on.",
            status.nextRound
        )
        guard let last = status.lastRound else { return }
        page.add(
            "reconciler_last_round_outcome",
            .gauge,
            "What the last round came to: 1 for its outcome, 0 for all others.",
            LoopStatus.Round.Outcome.allCases.map { outcome in
                .init(labels: ["outcome": outcome.rawValue], value: outcome == last.outcome ? 1 : 0)
            }
        )
        page.add(
            "reconciler_last_round_duration_seconds",
            .gauge,
            "How long the last round took.",
            last.ended - last.began
        )
        page.add(
            "reconciler_last_round_timestamp_seconds",
            .gauge,
            "When the last round ended, in seconds since 1970.",
            last.ended
        )
        page.add(
            "reconciler_last_success_timestamp_seconds",
            .gauge,
            "When the last round ended that saw everything and failed in nothing, in seconds since 1970.",
            status.lastSuccess
        )
    }

    private func findings(_ status: LoopStatus, on page: inout Exposition) {
        page.add(
            "reconciler_drift_found_total",
            .counter,
            "Resources that were found changed without a commit.",
            status.counters.driftFound
        )
        page.add(
            "reconciler_corrections_total",
            .counter,
            "Resources that the loop made as declared again.",
            status.counters.corrections
        )
        page.add(
            "reconciler_last_look_timestamp_seconds",
            .gauge,
            "When the plan of /api/v1/plan was made, in seconds since 1970.",
            status.lastLook?.at
        )
        page.add(
            "reconciler_nodes",
            .gauge,
            "Declared nodes, by whether they answered at the last look.",
            nodes.map {
                [
                    .init(labels: ["answered": "true"], value: $0.answered),
                    .init(labels: ["answered": "false"], value: $0.silent),
                ]
            } ?? []
        )
        guard status.lastRound != nil else { return }
        page.add(
            "reconciler_items",
            .gauge,
            "Resources that differ, or were corrected in the last round, by what is made of them and why they differ.",
            LoopStatus.Item.State.allCases.flatMap { state in
                Change.Cause.allCases.map { cause in
                    .init(
                        labels: ["state": state.rawValue, "cause": cause.rawValue],
                        value: status.items.count { $0.state == state && $0.cause == cause }
                    )
                }
            }
        )
        page.add(
            "reconciler_raised_items",
            .gauge,
            "Resources that the loop has given up until somebody resumes them.",
            status.items.count { $0.state == .raised }
        )
    }
}
