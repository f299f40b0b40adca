import Daemons
import Specs

/// One story of the properties: an app is declared and made, then something changes.
struct AgreementCase {
    static let id = "/prod/web"

    var context: AppContext
    var seed: UInt64
    /// As declared first.
    var declared: AppValue
    var edit: AppEdit

    init(_ release: MarathonRelease, seed: UInt64) {
        context = RandomApp.context(release, seed: seed)
        self.seed = seed
        var random = RandomApp(seed: seed, context: context)
        declared = random.definition(id: Self.id)
        var donor = RandomApp(seed: seed, context: context, salt: "donor")
        edit = AppEdit(of: declared, donor: donor.definition(id: Self.id), &random.numbers)
    }

    /// The server with the declared app, made by our own write; nil where this Marathon takes no such definition.
    func created() throws -> AppServer? {
        guard isAccepted(declared) else { return nil }
        var server = AppServer(context)
        let write = AppWrite(creating: declared, in: context)
        do {
            _ = try server.carryOut(write, Self.id)
        } catch {
            throw Disagreement("create refused", "\(error.status) \(error.body.text) for \(JSON(write.body).text)")
        }
        return server
    }

    /// Whether this Marathon takes it as a new app, and the client would not refuse it by its shape alone.
    func isAccepted(_ definition: AppValue) -> Bool {
        // Up to 0.8 what is more than three texts is dropped without a word.
        let constraints = definition["constraints"]?.items ?? []
        guard constraints.allSatisfy({ 2...3 ~= $0.items?.count ?? 0 }) else { return false }
        var server = AppServer(context)
        return (try? server.put(Self.id, JSON(definition))) != nil
    }

    /// The live app as the API answers it.
    func live(_ server: AppServer) throws -> AppValue {
        guard let app = server.get(Self.id) else { throw Disagreement("not there", "no app after the write") }
        return app
    }

    func revision(_ declared: AppValue, _ live: AppValue, ignoring: [String] = []) -> AppRevision? {
        AppRevision(of: declared, from: live, in: context, ignoring: ignoring)
    }

    /// Carries a revision out, and holds Marathon's plan to what was announced.
    func apply(_ revision: AppRevision, on server: inout AppServer) throws {
        switch revision.way {
        case .write(let write):
            let hasTasks = server.apps[Self.id]?.instances != 0
            let action: AppServer.Action
            do {
                action = try server.carryOut(write, Self.id)
            } catch {
                let write = "\(write.method) \(JSON(write.body).text)"
                throw Disagreement("write refused", "\(error.status) \(error.body.text) for \(write)")
            }
            let announced: AppServer.Action =
                switch revision.effect {
                case .scale: .scale
                case .restart: .restart
                case .none: .none
                }
            let doesNothing = action == .scale && !hasTasks && server.apps[Self.id]?.instances == 0
            guard action == announced || doesNothing && announced == Leniency.scalingOfNothing else {
                throw Disagreement("effect", "announced \(revision.effect), Marathon's plan: \(action)")
            }
        case .recreate(let write, let clearing):
            try check(clearing, write, of: revision, on: server)
            server.delete(Self.id)
            do { _ = try server.carryOut(write, Self.id) } catch {
                throw Disagreement("recreate refused", "\(error.status) \(error.body.text) \(JSON(write.body).text)")
            }
        }
    }

    /// That these fields, no others and for no smaller price, are what a new app is needed for (marathon-api.md 2.1).
    private func check(
        _ clearing: [String],
        _ write: AppWrite,
        of revision: AppRevision,
        on server: AppServer
    ) throws {
        let shown = Set(revision.differences.map { Self.head($0.path) })
        let fields = AppSchema.fields(in: context.release).filter { $0.clearing == .onlyByReplacing }.map(\.name)
        guard !clearing.isEmpty, shown.isSuperset(of: clearing), Set(fields).isSuperset(of: clearing) else {
            throw Disagreement("recreate", "clears \(clearing), which differs in \(shown.sorted())")
        }
        let live = try live(server)
        for name in clearing where live[name] == nil || live[name] == .null {
            throw Disagreement("recreate", "clears \(name), which is not there")
        }
        guard context.release < MarathonRelease(1, 4) else {
            throw Disagreement("recreate", "though a PUT may replace the whole app: \(clearing)")
        }
        var other = server
        guard (try? other.put(Self.id, JSON(write.body))) != nil, let merged = other.get(Self.id) else { return }
        let left = Set(self.revision(write.body, merged)?.differences.map { Self.head($0.path) } ?? [])
        guard !left.isDisjoint(with: clearing) else {
            throw Disagreement("recreate", "though a PUT clears \(clearing)")
        }
    }

    /// The top-level field of a difference's path.
    static func head(_ path: String) -> String { String(path.prefix { $0 != "." && $0 != "[" }) }
}

/// Where the client and the simulated Marathon are of two minds.
struct Disagreement: Error, CustomStringConvertible {
    /// A word for the kind, by which shrinking keeps to the same fault.
    var kind: String
    var words: String

    init(_ kind: String, _ words: String) { (self.kind, self.words) = (kind, words) }

    var description: String { "\(kind): \(words)" }
}

extension AgreementCase {
    /// The smallest case still found at fault in the same way, by leaving fields out of both definitions.
    func shrunk(_ kind: String, _ property: (AgreementCase) throws -> Void) -> AgreementCase {
        var best = self
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for place in best.declared.places.sorted(by: { $0.count < $1.count }) where place != [.key("id")] {
                var smaller = best
                guard best.declared.value(at: place[...]) != nil else { continue }
                smaller.declared = best.declared.replacing(place[...], by: nil)
                if best.edit.result.value(at: place[...]) == best.declared.value(at: place[...]) {
                    smaller.edit.result = best.edit.result.replacing(place[...], by: nil)
                }
                do { try property(smaller) } catch let fault as Disagreement where fault.kind == kind {
                    (best, isSmaller) = (smaller, true)
                    break
                } catch {}
            }
        }
        return best
    }

    /// How a failure is told: the seed to replay it with, and a small example.
    func report(_ fault: Disagreement, _ property: (AgreementCase) throws -> Void) -> String {
        let small = shrunk(fault.kind, property)
        var words = fault.words
        do { try property(small) } catch { words = "\(error)" }
        return """
            Marathon \(context.release), SEED=\(seed), role \(context.role), network \(context.defaultNetworkName ?? "-")
              \(words)
              declared \(JSON(small.declared).text)
              changed  \(JSON(small.edit.result).text) (\(edit.path))
            """
    }
}
