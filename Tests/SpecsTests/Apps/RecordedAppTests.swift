import Testing

@testable import Specs

/// App bodies of Marathon's own documentation and of a real cluster read without fault for the release they are of.
@Suite struct RecordedAppTests {
    static let bodies: [(file: String, releases: [String])] = [
        ("v0.7.6-get-apps-embed-tasks.json", ["0.7.6"]), ("v0.7.6-post-apps-response-201.json", ["0.7.6"]),
        ("v0.8.2-get-apps.json", ["0.8.2"]), ("v0.8.2-get-apps-embed-tasks.json", ["0.8.2"]),
        ("v0.8.2-get-app-or-apps-2.json", ["0.8.2"]),
        ("v0.8.2-get-groups.json", ["0.8.2"]), ("v0.8.2-post-apps-request.json", ["0.8.2", "1.4.13"]),
        ("v0.8.2-post-apps-response-201.json", ["0.8.2"]),
        ("v1.5.5-real-apps-sample.json", ["1.5.5", "1.6.352", "1.8.244"]),
    ]

    @Test("a recorded app reads without a fault for its release", arguments: bodies.indices)
    func readsWithoutFault(index: Int) throws {
        let (file, releases) = Self.bodies[index]
        let text = try Repository.text("Tests/DaemonsTests/Fixtures/marathon-examples/" + file)
        let source = try SourceText(Array(text.utf8), file: file, limits: .apps)
        let apps = Self.apps(in: try JSONParser.parse(source).root)
        #expect(!apps.isEmpty)
        for release in releases.compactMap({ MarathonRelease($0) }) {
            for app in apps {
                let context = ReadingContext()
                var reader = DefinitionReader(context)
                var members = reader.definition(app).members ?? [:]
                for (name, field) in ReadyShape.app.fields where field.isReadOnly { members[name] = nil }
                members["id"] = members["id"]?.plainText.map { .text(Content(AppPath.absolute($0, in: "/"))) }
                var expected = AppContext(release: release)
                expected.features = ["secrets", "external_volumes", "gpu_resources"]
                let found = AppRules.faults(of: AppUnderCheck(.object(members), in: expected))
                #expect(context.diagnostics == [], "\(file) \(release) \(app.position)")
                #expect(found == [], "\(file) \(release) \(app.position)")
            }
        }
    }

    /// The apps of a list, of an answer, or of a group and the groups in it.
    private static func apps(in node: YAMLNode) -> [YAMLNode] {
        if let app = node["app"] { return [app] }
        let inner = (node["apps"]?.items ?? []) + (node["groups"]?.items ?? []).flatMap(apps)
        return node["apps"] == nil && node["groups"] == nil ? [node] : inner
    }
}
