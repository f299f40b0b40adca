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
                throw Disagreement("false difference", "\(revision.differences.shown), live \(JSON(live).text)")
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
            guard ServerTruth(wanted, AgreementCase.id, on: server) != nil,
                let whole = story.revision(wanted, live), let ignored = whole.differences.first
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
            do { try story.apply(revision, on: &server, truth: nil) } catch let fault as Disagreement {
                // What is kept may not go with the rest, and is then refused.
                if fault.kind == "write refused" || fault.kind == "recreate refused" { return }
                throw fault
            }
            let after = try story.live(server)
            if let rest = story.revision(both, after, ignoring: [ignored.path]) {
                throw Disagreement("ignored", "remains beside \(ignored.path): \(rest.differences.shown)")
            }
            let kept = story.revision(both, after)?.differences.first { $0.path == ignored.path }
            if kept?.before != ignored.before {
                throw Disagreement("ignored", "\(ignored.path) was \(shown(ignored.before)), is \(shown(kept?.before))")
            }
        }
    }

    /// Runs a property over the seeds, and tells the first few that do not hold, made small.
    private func hold(_ release: MarathonRelease, _ property: (AgreementCase) throws -> Void) {
        var faults: [String: Int] = [:]
        for seed in appSeeds(250) {
            let story = AgreementCase(release, seed: seed)
            do {
                try property(story)
            } catch let fault as Disagreement {
                faults[fault.kind, default: 0] += 1
                guard faults[fault.kind, default: 0] <= 3 else { continue }
                Issue.record("\(story.report(fault, property))")
            } catch {
                Issue.record("\(error)")
            }
        }
        for (kind, count) in faults where count > 3 { Issue.record("Marathon \(release): \(count) times \(kind)") }
    }
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
            throw Disagreement("false difference", "\(revision.differences.shown), live \(JSON(live).text)")
        case (.differs, nil):
            throw Disagreement("missed difference", "in \(truth.fields.sorted()), live \(JSON(live).text)")
        default: break
        }
        guard let revision else { return }
        guard !revision.differences.isEmpty else { throw Disagreement("empty", "a revision without a difference") }
        if truth.verdict == .differs { try compare(revision, truth) }
        if let edited, truth.verdict == .differs { try pointsAt(edited, revision, truth) }
        try apply(revision, on: &server, truth: truth)
        if let rest = self.revision(wanted, try self.live(server)) {
            let way = "\(revision.way)".prefix(12)
            throw Disagreement("remains", "after \(way) \(rest.differences.shown); wrote \(revision.body)")
        }
    }

    /// Whether this Marathon takes it as a new app.
    private func isAccepted(_ definition: AppValue) -> Bool {
        var server = AppServer(context)
        return (try? server.put(Self.id, JSON(definition))) != nil
    }

    private func compare(_ revision: AppRevision, _ truth: ServerTruth) throws {
        let shown = Set(revision.differences.map { ServerTruth.newest(Self.head($0.path)) })
        guard shown == truth.fields else {
            let words = "\(revision.differences.shown); Marathon sees \(truth.fields.sorted())"
            throw Disagreement("other fields", words)
        }
    }

    /// A nested edit shows no less exactly than the nearest list it is in.
    private func pointsAt(_ edit: AppEdit, _ revision: AppRevision, _ truth: ServerTruth) throws {
        guard truth.fields == [ServerTruth.newest(edit.field)] else { return }
        var names: [String] = []
        for case .key(let name) in edit.path.prefix(while: { if case .key = $0 { true } else { false } }) {
            names.append(name)
        }
        names[0] = ServerTruth.newest(names[0])
        for difference in revision.differences {
            let parts = difference.path.split(whereSeparator: { ".[".contains($0) }).map(String.init)
            let isNear = zip(parts, names).allSatisfy { $0 == $1 } && parts.count >= names.count
            if !isNear { throw Disagreement("elsewhere", "\(difference.path) for \(names.joined(separator: "."))") }
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
