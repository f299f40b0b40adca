import Specs
import Testing

@testable import Daemons

/// Secrets in definitions, held against answers in which they are masked.
@Suite struct SecretAgreementTests {
    @Test(
        "a secret is no difference from its own value, and one from a value that is not told",
        arguments: agreementReleases
    )
    func secretsAreCompared(_ release: MarathonRelease) {
        hold(release) { story in
            var story = story
            story.declared = story.declared.withSecrets
            guard let server = try story.created() else { return }
            let live = try story.live(server)
            if let revision = story.revision(story.declared, live.masked(as: .secret(.environment("K")))) {
                throw Disagreement("false difference", revision.differences.shown)
            }
            let unknown = live.masked(as: .redacted)
            let revision = story.revision(story.declared, unknown)
            guard (revision != nil) == (unknown != live) else { throw Disagreement("missed difference", "of a secret") }
            for path in revision?.differences.map(\.path) ?? [] where !AppValue.secretFields.contains(path.topName) {
                throw Disagreement("elsewhere", "\(path) for a secret")
            }
        }
    }

    @Test("what is masked and ignored goes through a write unharmed", arguments: agreementReleases)
    func maskedIsKept(_ release: MarathonRelease) {
        hold(release) { story in
            var story = story
            story.declared = story.declared.withSecrets
            guard var server = try story.created() else { return }
            let live = try story.live(server)
            var wanted = story.declared.members ?? [:]
            guard wanted["container"]?["volumes"]?.items?.contains(where: { $0["persistent"] != nil }) != true else {
                return
            }
            wanted["mem"] = 77
            let ignored = AppValue.secretFields
            let masked = live.masked(as: .redacted)
            guard case .write(let write)? = story.revision(.object(wanted), masked, ignoring: ignored)?.way,
                let whole = write.unmasked(by: live, in: story.context)
            else { throw Disagreement("unmasked", "no write") }
            do throws(MarathonFault) { _ = try server.carryOut(whole, AgreementCase.id) } catch {
                throw Disagreement("write refused", "\(error.status) \(error.body.text) for \(JSON(whole.body).text)")
            }
            let after = try story.live(server)
            let rest = story.revision(.object(wanted), after.masked(as: .secret(.environment("K"))))
            if let rest { throw Disagreement("remains", rest.differences.shown) }
        }
    }
}

extension AppValue {
    /// Fields whose texts get a secret.
    fileprivate static let secretFields = ["cmd", "args", "env", "labels", "uris", "fetch"]
    private static let mark = "${env:K}"

    /// A secret stands in front of every text of these fields.
    fileprivate var withSecrets: AppValue {
        guard var members else { return self }
        for name in Self.secretFields { members[name] = members[name]?.prefixed(name) }
        return .object(members)
    }

    private func prefixed(_ name: String) -> AppValue {
        switch self {
        case .text(let content) where !["secret", "destPath"].contains(name):
            .text(Content([.secret(.environment("K"))]) + content)
        case .list(let items): .list(items.map { $0.prefixed(name) })
        case .object(let members): .object(Dictionary(uniqueKeysWithValues: members.map { ($0, $1.prefixed($0)) }))
        case .null, .boolean, .number, .text: self
        }
    }

    /// An answer in which every value of the secret is masked.
    fileprivate func masked(as segment: Content.Segment) -> AppValue {
        switch self {
        case .text(let content):
            guard content.shown.hasPrefix(Self.mark) else { return self }
            let rest = Content(String(content.shown.dropFirst(Self.mark.count)))
            return .text(segment == .redacted ? Content([segment]) : Content([segment]) + rest)
        case .list(let items): return .list(items.map { $0.masked(as: segment) })
        case .object(let members): return .object(members.mapValues { $0.masked(as: segment) })
        case .null, .boolean, .number: return self
        }
    }
}

extension String {
    fileprivate var topName: String { AgreementCase.head(self) }
}
