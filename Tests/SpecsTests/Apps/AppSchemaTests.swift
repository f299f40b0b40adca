import Testing

@testable import Specs

@Suite struct AppSchemaTests {
    /// A field that holds no others, with those it lies in.
    struct Leaf: CustomTestStringConvertible {
        var chain: [AppField]
        var release: String

        var name: String { chain.map(\.name).joined(separator: ".") }
        var testDescription: String { "\(name) in \(release)" }
    }

    static func leaves(of fields: [AppField], in release: String, _ chain: [AppField] = []) throws -> [Leaf] {
        let number = try #require(MarathonRelease(release))
        return try fields.filter { $0.counts(in: number) && $0.name != "id" }.flatMap { field -> [Leaf] in
            let chain = chain + [field]
            let inner = field.shape.objectFields
            let own = inner.isEmpty || field.shape.isEither ? [Leaf(chain: chain, release: release)] : []
            return try own + leaves(of: inner, in: release, chain)
        }
    }

    @Test("Changing a field alone is a difference of that field, in every release that knows it")
    func everyFieldIsVisited() throws {
        var count = 0
        for release in AppSamples.releases {
            for leaf in try Self.leaves(of: AppSchema.fields, in: release) {
                let (a, b) = leaf.values
                let context = AppContext(release: try #require(MarathonRelease(release)), role: "b")
                let revision = AppRevision(of: leaf.definition(a), from: leaf.definition(b), in: context)
                #expect(revision?.differences.map(\.path) == [leaf.path], "\(leaf.testDescription)")
                #expect(AppRevision(of: leaf.definition(a), from: leaf.definition(a), in: context) == nil)
                count += 1
            }
        }
        #expect(count > 1500)
    }

    @Test("Filling in a default is no difference, leaving one out neither")
    func defaultsAreEqual() throws {
        for release in AppSamples.releases {
            let number = try #require(MarathonRelease(release))
            for leaf in try Self.leaves(of: AppSchema.fields, in: release) {
                guard let filled = leaf.chain.last?.filled(in: number) else { continue }
                let context = try AppSamples.context(release)
                let revision = AppRevision(of: leaf.definition(nil), from: leaf.definition(filled), in: context)
                #expect(revision == nil, "\(leaf.testDescription)")
            }
        }
    }

    @Test("Fields that a release does not know, or makes itself, are no difference")
    func othersAreDropped() throws {
        for release in AppSamples.releases {
            let number = try #require(MarathonRelease(release))
            let names = Set(AppSchema.fields.map(\.name))
            let counted = Set(AppSchema.fields.filter { $0.counts(in: number) }.map(\.name))
            let aliases = Set(AppSchema.fields.filter { $0.alias?.contains(number) == true }.map(\.name))
            for name in names.subtracting(counted).subtracting(aliases).union(["nonsense"]) where name != "id" {
                let context = try AppSamples.context(release)
                let live: AppValue = ["id": "/a", "cmd": "x"]
                #expect(
                    AppRevision(of: live.with(name, ["a": "b"]), from: live, in: context) == nil,
                    "\(name) \(release)"
                )
            }
        }
    }

    @Test("A name that comes twice is for releases that do not overlap")
    func spansAreDisjoint() throws {
        for release in AppSamples.releases {
            let number = try #require(MarathonRelease(release))
            func check(_ fields: [AppField]) {
                let known = fields.filter { $0.releases.contains(number) }
                #expect(Set(known.map(\.name)).count == known.count)
                #expect(known.allSatisfy { !$0.source.isEmpty })
                for field in known { check(field.shape.objectFields) }
            }
            check(AppSchema.fields)
        }
    }
}

extension AppShape {
    var objectFields: [AppField] {
        switch self {
        case .text, .boolean, .integer, .number: []
        case .list(let item), .set(let item), .map(let item): item.objectFields
        case .object(let fields): fields
        case .either(let shapes): shapes.flatMap(\.objectFields)
        }
    }

    var isEither: Bool {
        switch self {
        case .either: true
        case .map(let item): item.isEither
        case .text, .boolean, .integer, .number, .list, .set, .object: false
        }
    }
}

extension AppSchemaTests.Leaf {
    /// Two values of its shape, neither of them a default.
    var values: (AppValue, AppValue) {
        switch name {
        case "acceptedResourceRoles": (["*"], ["b"])
        case "executor": ("a", "b")
        default: (chain.last?.shape).map { ($0.sample("a", 7, false), $0.sample("b", 8, true)) } ?? (.null, .null)
        }
    }

    /// The path as differences tell it.
    var path: String {
        chain.enumerated().reduce(into: "") { path, part in
            let (index, field) = part
            path += (path.isEmpty ? "" : ".") + field.name
            let isLast = index == chain.count - 1
            switch field.shape {
            case .list, .set: path += isLast ? "" : "[0]"
            case .map: path += ".KEY"
            case .text, .boolean, .integer, .number, .object, .either: break
            }
        }
    }

    /// An app with that field as `value`, and whatever gives the field a meaning; nil leaves it out.
    func definition(_ value: AppValue?) -> AppValue {
        var inner = value
        for (index, field) in chain.enumerated().reversed() where index < chain.count - 1 {
            var members = inner.map { [chain[index + 1].name: $0] } ?? [:]
            for (key, companion) in companions(at: index) where members[key] == nil { members[key] = companion }
            switch field.shape {
            case .list, .set: inner = [.object(members)]
            case .map: inner = ["KEY": .object(members)]
            case .text, .boolean, .integer, .number, .object, .either: inner = .object(members)
            }
        }
        var app: [String: AppValue] = ["id": "/a"]
        if name.hasPrefix("container.portMappings") { app["networks"] = [["mode": "container/bridge"]] }
        app[chain[0].name] = inner
        return .object(app)
    }

    /// Whether Docker's engine has no use for it.
    private var isOfMesos: Bool {
        let parts = ["docker.credential", "docker.pullConfig", "appc", "linuxInfo"]
        return parts.contains { name.hasPrefix("container." + $0) }
    }

    private func companions(at index: Int) -> [String: AppValue] {
        let parent = chain[...index].map(\.name).joined(separator: ".")
        let field = chain[index + 1].name
        switch parent {
        case "container" where isOfMesos: return ["type": "MESOS"]
        case "container.docker" where field == "portMappings": return ["network": "BRIDGE"]
        case "healthChecks":
            let names = ["command": "COMMAND", "delaySeconds": "MESOS_TCP", "ipProtocol": "MESOS_HTTP"]
            return names[field].map { ["protocol": .text(Content($0))] } ?? [:]
        default: return [:]
        }
    }
}

extension AppShape {
    fileprivate func sample(_ text: String, _ number: Double, _ boolean: Bool) -> AppValue {
        switch self {
        case .text: .text(Content(text))
        case .boolean: .boolean(boolean)
        case .integer, .number: .number(number)
        case .set(.list): [["hostname", "LIKE", .text(Content(text))]]
        case .list(let item), .set(let item): [item.sample(text, number, boolean)]
        case .map(let item): ["KEY": item.sample(text, number, boolean)]
        case .object: [:]
        case .either(let shapes): shapes.first?.sample(text, number, boolean) ?? .null
        }
    }
}
