import Specs
import Testing

@testable import Daemons

/// That the client's normal form tells the truth about Marathon, held against the simulated ones.
@Suite struct AgreementTests {
    @Test("an app that was made as declared shows no difference", arguments: agreementReleases)
    func nothingDiffers(_ release: MarathonRelease) {
        hold(release) { story in
            guard let server = try story.created() else { return }
            let live = try story.live(server)
            if let revision = story.revision(story.declared, live) {
                throw Disagreement("false difference", revision.differences.shown)
            }
        }
    }

    @Test("one edited field is all that is shown, and its write leaves no difference", arguments: agreementReleases)
    func editIsShown(_ release: MarathonRelease) {
        hold(release) { story in
            guard var server = try story.created() else { return }
            try story.settle(story.edit.result, on: &server, edited: story.edit)
        }
    }

    @Test("an app declared in the very words of an answer is equal, also as a new app", arguments: agreementReleases)
    func answerIsADefinition(_ release: MarathonRelease) {
        hold(release) { story in
            guard let server = try story.created() else { return }
            let live = try story.live(server)
            if let revision = story.revision(live, live) {
                throw Disagreement("differs from itself", revision.differences.shown)
            }
            var copy = AppServer(story.context)
            do throws(MarathonFault) {
                _ = try copy.carryOut(AppWrite(creating: live, in: story.context), AgreementCase.id)
            } catch {
                throw Disagreement("create refused", "\(error.status) \(error.body.text) for \(JSON(live).text)")
            }
            for declared in [live, story.declared] {
                guard let revision = story.revision(declared, try story.live(copy)) else { continue }
                throw Disagreement("false difference", "from a copy: \(revision.differences.shown)")
            }
        }
    }

    @Test("what somebody else puts is shown, and taken back by the next write", arguments: agreementReleases)
    func driftIsTakenBack(_ release: MarathonRelease) {
        hold(release) { story in
            guard var server = try story.created() else { return }
            let field = story.edit.field
            guard let value = story.edit.result[field], value != .null else { return }
            var numbers = SeededNumbers(story.seed, for: "drift")
            let body = JSON(AppValue.object([field: value])).respelt(&numbers)
            guard (try? server.put(AgreementCase.id, body)) != nil else { return }
            try story.settle(story.declared, on: &server, edited: nil)
        }
    }

    @Test("an ignored field keeps its live value through the write of others", arguments: agreementReleases)
    func ignoredIsKept(_ release: MarathonRelease) {
        hold(release) { story in
            guard var server = try story.created() else { return }
            let wanted = story.edit.result
            let live = try story.live(server)
            guard story.isAccepted(wanted), ServerTruth(wanted, AgreementCase.id, on: server) != nil,
                let whole = story.revision(wanted, live),
                let ignored = whole.differences.first(where: { Leniency.canBeIgnored($0.path, story.edit) })
            else { return }
            var other = wanted.members ?? [:]
            other["cpus"] = 7.5
            let both = AppValue.object(other)
            guard ignored.path != "cpus", ServerTruth(both, AgreementCase.id, on: server) != nil,
                let revision = story.revision(both, live, ignoring: [ignored.path])
            else { return }
            if revision.differences.contains(where: { $0.path == ignored.path }) {
                throw Disagreement("ignored", "\(ignored.path) is still shown")
            }
            do { try story.apply(revision, on: &server) } catch let fault as Disagreement {
                // What is kept may not go with the rest, and is then refused.
                if fault.kind == "write refused" || fault.kind == "recreate refused" { return }
                throw fault
            }
            let after = try story.live(server)
            if let rest = story.revision(both, after, ignoring: [ignored.path]) {
                throw Disagreement("ignored", "remains beside \(ignored.path): \(rest.differences.shown)")
            }
            let kept = story.revision(both, after)?.differences.first { $0.path == ignored.path }
            if kept?.before != ignored.before, !Leniency.isMadeUp(ignored.path, story.context.release) {
                throw Disagreement("ignored", "\(ignored.path) was \(shown(ignored.before)), is \(shown(kept?.before))")
            }
        }
    }
}

/// Runs a property over the seeds, and tells the first few that do not hold, made small.
func hold(_ release: MarathonRelease, _ property: (AgreementCase) throws -> Void) {
    var faults: [String: Int] = [:]
    for seed in appSeeds(120) {
        let story = AgreementCase(release, seed: seed)
        do {
            try property(story)
        } catch let fault as Disagreement {
            let kind = "\(fault.kind) \(fault.words.prefix(16))"
            faults[kind, default: 0] += 1
            guard faults[kind, default: 0] <= 3 else { continue }
            Issue.record("\(story.report(fault, property))")
        } catch {
            Issue.record("\(error)")
        }
    }
    for (kind, count) in faults where count > 3 { Issue.record("Marathon \(release): \(count) times \(kind)") }
}

func shown(_ value: AppValue?) -> String { value.map { JSON($0).text } ?? "nothing" }

extension [FieldDifference] {
    var shown: String {
        map { "\($0.path): \(LabTests.shown($0.before)) → \(LabTests.shown($0.after))" }.joined(separator: ", ")
    }
}

extension AgreementCase {
    /// Brings the app to `wanted`; on the way what is shown is held against what Marathon itself would see.
    func settle(_ wanted: AppValue, on server: inout AppServer, edited: AppEdit?) throws {
        guard let truth = ServerTruth(wanted, Self.id, on: server), isAccepted(wanted) else { return }
        let live = try live(server)
        let revision = revision(wanted, live)
        switch (truth.verdict, revision) {
        case (.same, let revision?):
            throw Disagreement("false difference", revision.differences.shown)
        case (.differs, nil):
            let fields = truth.possible.sorted().map { "\($0) \(LabTests.shown(live[$0]))" }
            throw Disagreement("missed difference", "in \(truth.fields.sorted()), live \(fields)")
        default: break
        }
        guard let revision else { return }
        guard !revision.differences.isEmpty else { throw Disagreement("empty", "a revision without a difference") }
        if truth.verdict == .differs { try compare(revision, truth) }
        if let edited, truth.verdict == .differs { try pointsAt(edited, revision, truth) }
        try apply(revision, on: &server)
        if let rest = self.revision(wanted, try self.live(server)) {
            let way = "\(revision.way)".prefix(12)
            throw Disagreement("remains", "after \(way) \(rest.differences.shown); wrote \(revision.body)")
        }
    }

    private func compare(_ revision: AppRevision, _ truth: ServerTruth) throws {
        let shown = Set(revision.differences.map { ServerTruth.newest(Self.head($0.path)) })
        let (needed, possible) = Leniency.told(truth)
        guard shown.isSubset(of: possible), shown.isSuperset(of: needed) else {
            let words = "\(revision.differences.shown); Marathon sees \(truth.fields.sorted())"
            throw Disagreement("other fields", words)
        }
    }

    /// A nested edit shows no less exactly than the nearest list it is in.
    private func pointsAt(_ edit: AppEdit, _ revision: AppRevision, _ truth: ServerTruth) throws {
        guard truth.fields == [ServerTruth.newest(edit.field)] else { return }
        let names = edit.names
        guard names[0] == ServerTruth.newest(names[0]), names.count > 1 else { return }
        let wanted = names.joined(separator: ".")
        if Leniency.kinds.contains(wanted) { return }
        for path in revision.differences.map(\.path) {
            let rest = path.hasPrefix(wanted) ? path.dropFirst(wanted.count).first : nil
            let isNear = path == wanted || rest == "." || rest == "["
            if !isNear { throw Disagreement("elsewhere", "\(path) for \(wanted)") }
        }
    }
}

extension AppRevision {
    fileprivate var body: String {
        switch way {
        case .write(let write): "\(write.method) \(JSON(write.body).text)"
        case .recreate(let write, let clearing): "\(clearing) \(JSON(write.body).text)"
        }
    }
}
