import Testing

@testable import Specs

/// Definitions as JSON, and what is different between two of them.
enum AppSamples {
    /// One release of every way in which apps are read and written (marathon-api.md, appendix).
    static let releases = [
        "0.7.6", "0.8.0", "0.8.2", "0.9.2", "0.11.1", "0.13.1", "0.14.1", "0.15.7", "1.0.0", "1.1.5", "1.3.13", "1.4.8",
        "1.4.13", "1.5.0", "1.5.15", "1.6.590", "1.7.236", "1.8.244", "1.9.136", "1.10.26", "1.11.24",
    ]

    static func context(_ release: String) throws -> AppContext {
        AppContext(release: try #require(MarathonRelease(release)))
    }

    static func value(_ json: String) throws -> AppValue {
        let source = try SourceText(Array(json.utf8), file: "app.json", limits: ReadingLimits())
        return AppValue(try JSONParser.parse(source).root)
    }

    static func fixture(_ name: String) throws -> AppValue {
        try value(Repository.text("Tests/SpecsTests/Apps/Fixtures/\(name).json"))
    }

    /// The app, or apps, of a recorded body: bare, listed, or in a group.
    static func apps(_ body: AppValue) -> [AppValue] {
        if let items = body.items { return items.flatMap(apps) }
        if let app = body["app"] { return [app] }
        let inner = ["apps", "groups"].compactMap { body[$0]?.items }
        return inner.isEmpty ? [body] : inner.joined().flatMap(apps)
    }

    static func revision(
        _ release: String,
        from live: String,
        to declared: String,
        ignoring: [String] = []
    ) throws -> AppRevision? {
        AppRevision(of: try value(declared), from: try value(live), in: try context(release), ignoring: ignoring)
    }

    static func paths(_ release: String, from live: String, to declared: String) throws -> [String] {
        try revision(release, from: live, to: declared)?.differences.map(\.path) ?? []
    }
}

extension AppValue {
    /// JSON's kinds of values are told by their quotes.
    init(_ node: YAMLNode) {
        switch node.value {
        case .sequence(let items): self = .list(items.map(AppValue.init))
        case .mapping(let entries):
            self = .object(Dictionary(uniqueKeysWithValues: entries.map { ($0.key.value, AppValue($0.value)) }))
        case .scalar(let scalar) where !scalar.isPlain: self = .text(Content(scalar.text))
        case .scalar(let scalar):
            switch scalar.text {
            case "null": self = .null
            case "true": self = .boolean(true)
            case "false": self = .boolean(false)
            default: self = Double(scalar.text).map(AppValue.number) ?? .text(Content(scalar.text))
            }
        }
    }

    /// Without the members named.
    func without(_ keys: String...) -> AppValue {
        .object((members ?? [:]).filter { !keys.contains($0.key) })
    }

    func with(_ key: String, _ value: AppValue) -> AppValue {
        var members = members ?? [:]
        members[key] = value
        return .object(members)
    }
}
