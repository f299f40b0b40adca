internal import Reconciler
internal import Rendering
internal import Synchronization

/// Tells what happens while it happens.
///
/// A line rewritten in place on a terminal, with one for each transfer below it, plain lines elsewhere, documents for
/// machines. Events may come from many tasks.
final class RunPrinter: Sendable {
    private enum Manner {
        case silent
        case terminal(ProgressLine, TransferBlock)
        case lines(RunEventLines, TransferQuarters)
        case documents
    }

    private let options: CommonOptions
    private let format: TextOrJSONLines
    private let console = Surroundings.current.console
    private let manner = Mutex(Manner.silent)

    init(options: CommonOptions, format: TextOrJSONLines) {
        self.options = options
        self.format = format
    }

    /// Prints the plan that is about to be carried out; later events count its steps.
    func show(_ plan: Plan) {
        switch format {
        case .jsonLines: console.write(PlanDocument(plan).jsonLine + "\n")
        case .text: console.write(PlanView(plan, style: options.style, isVerbose: options.verbose > 0).text)
        }
        let manner: Manner =
            if format == .jsonLines {
                .documents
            } else if options.quiet {
                .silent
            } else if console.logIsTerminal, console.environment("TERM") != "dumb" {
                .terminal(
                    ProgressLine(total: plan.steps.count, width: console.logWidth(), style: options.logStyle),
                    TransferBlock(plan)
                )
            } else {
                .lines(RunEventLines(total: plan.steps.count, style: options.logStyle), TransferQuarters())
            }
        self.manner.withLock { $0 = manner }
    }

    func tell(_ event: RunEvent) {
        manner.withLock { manner in
            switch manner {
            case .silent: break
            case .documents: console.write(RunEventDocument(event, time: console.time()).jsonLine + "\n")
            case .terminal(var line, var block):
                let width = console.logWidth()
                line.resize(to: width)
                let above = TransferBlock.tells(event) ? "" : line.characters(for: event)
                console.log(block.characters(for: event, around: above, width: width))
                manner = .terminal(line, block)
            case .lines(var lines, var quarters):
                if quarters.take(event), let line = lines.line(for: event) { console.log(line + "\n") }
                manner = .lines(lines, quarters)
            }
        }
    }

    /// Prints what came of it: a report for every plan that was begun, and the refusals of one that was not.
    func show(_ outcome: ApplyOutcome) {
        for (index, report) in outcome.reports.enumerated() {
            let isFollowed = index + 1 < outcome.reports.count
            switch format {
            case .jsonLines: console.write(RunReportDocument(report).jsonLine + "\n")
            case .text: console.write("\n" + RunReportView(report, isFollowed: isFollowed, style: options.style).text)
            }
        }
        if outcome.ending == .refused { show(outcome.plan) }
    }
}
