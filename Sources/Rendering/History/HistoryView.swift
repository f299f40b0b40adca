public import Reconciler
internal import Specs

/// Past runs as text: a line for each, the newest first.
public struct HistoryView: Sendable {
    private let runs: [RunHistory]
    private let style: TextStyle

    public init(_ runs: [RunHistory], style: TextStyle = .plain) {
        self.runs = runs
        self.style = style
    }

    public var text: String {
        guard !runs.isEmpty else { return "No run is in the journal.\n" }
        let rows = runs.map { run in
            [visible(run.run.text), UTCTime.words(run.at), run.who, run.what]
        }
        let widths = (0..<4).map { column in rows.map { displayWidth($0[column]) }.max() ?? 0 }
        return zip(runs, rows).map { run, row in
            let cells = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "   ")
            let (tone, words) = run.end
            return "\(cells)   \(style(words, tone))\n"
        }.joined()
    }
}

/// One run in detail: each step that was begun, how it ended, and what was found of it later.
public struct RunHistoryView: Sendable {
    private let run: RunHistory
    private let style: TextStyle
    private let isVerbose: Bool

    /// `isVerbose` shows everything that was sent.
    public init(_ run: RunHistory, style: TextStyle = .plain, isVerbose: Bool = false) {
        self.run = run
        self.style = style
        self.isVerbose = isVerbose
    }

    public var text: String {
        let (tone, words) = run.end
        let end = run.endedAt.map { ", \(UTCTime.words($0))" } ?? ""
        let head = [
            style("Run \(visible(run.run.text))", .heading),
            "  began   \(UTCTime.words(run.at))",
            "  by      \(run.who)" + (run.began.map { "   pid \($0.pid)" } ?? ""),
            "  what    \(run.what)",
            "  ended   \(style(words, tone))\(end)",
        ]
        let why = run.ending?.sentence.map { ["          \(oneLine($0))"] } ?? []
        let steps = run.steps.flatMap(lines)
        let free = isVerbose ? run.acts.filter { $0.act.step == nil }.flatMap(lines) : []
        return (head + why + (steps.isEmpty ? [] : [""] + steps) + free).joined(separator: "\n") + "\n"
    }

    private func lines(_ step: RunHistory.StepHistory) -> [String] {
        let id = String(step.intent.step).padded(leadingTo: String(run.steps.map(\.intent.step).max() ?? 0).count)
        let (symbol, word, tone) = end(of: step)
        let title = subject(step.intent.title, step.intent.nodes)
        let margin = String(repeating: " ", count: id.count + 6)
        let message = (step.outcome?.message ?? "").lines.map { "\(margin)\(visible($0))" }
        let acts = isVerbose ? run.acts.filter { $0.act.step == step.intent.step }.flatMap(lines) : []
        let found = step.reobserved.map {
            "\(margin)looked at again \(UTCTime.words($0.at)): \(oneLine($0.found.words))"
        }
        return ["  \(id) \(style(symbol.padded(to: 2), tone)) \(style(word.padded(to: 16), tone)) \(title)"]
            + message + acts.map { margin + $0 } + found
    }

    private func end(of step: RunHistory.StepHistory) -> (symbol: String, word: String, TextStyle.Tone) {
        if let outcome = step.outcome { return (outcome.symbol, outcome.word.human, outcome.tone) }
        return run.isUnderWay ? (".", "under way", .quiet) : ("?", "not told", .unknown)
    }

    private func lines(_ act: RunHistory.ActHistory) -> [String] {
        act.act.words.enumerated().map { index, words in
            let result = act.results.map { index < $0.count ? oneLine($0[index]) : "not told" } ?? "not told"
            return "\(visible(act.act.place)): \(oneLine(words)): \(result)"
        }
    }
}

extension RunHistory {
    /// `user@host`.
    var who: String { began.map { visible("\($0.user)@\($0.host)") } ?? "-" }

    var what: String {
        guard let began else { return "its beginning is no longer in the journal" }
        let revision = began.revision.map { " @ \(visible($0))" } ?? ""
        guard began.planDigest != nil else { return visible(began.command) }
        return "\(visible(began.command))   \(visible(began.file))\(revision)   \(count(began.steps, "step"))"
    }

    var end: (TextStyle.Tone, String) {
        if isUnderWay { return (.changed, "goes on") }
        let open = open.isEmpty ? "" : ", \(count(open.count, "step")) not known"
        guard let ending else { return (.unknown, "killed, or the machine went down\(open)") }
        let bad = ["failed", "conflict", "unknown", "notReached"].compactMap { word in
            counts[word].map { "\($0) \(word == "notReached" ? "not reached" : word)" }
        }
        guard ending == .completed else { return (.failure, "\(ending.words)\(open)") }
        return bad.isEmpty ? (.success, "done") : (.failure, bad.joined(separator: ", "))
    }
}

extension RunReport.Ending {
    fileprivate var words: String {
        switch self {
        case .completed: "done"
        case .interrupted: "interrupted"
        case .leaseLost: "lost the lease"
        case .assumptionFailed: "stopped to plan again"
        case .planAgain: "went on with a new plan"
        case .journalFailed: "could not write its journal"
        }
    }
}
