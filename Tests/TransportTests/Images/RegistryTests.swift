import Reconciler
import Specs
import Testing

@testable import Transport

/// A registry of prepared answers.
private struct FakeRegistry: HTTPTransport {
    var answers: [String: RESTAnswer]

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let accept = request.headers.first { $0.name == "Accept" }?.value ?? ""
        guard request.path.contains("/blobs/") || accept.contains("application/vnd.oci.image.index.v1+json") else {
            return RESTAnswer(status: 406)
        }
        guard endpoint.host != "down.example" else {
            throw RESTError(.refused, mayHaveArrived: false, "down.example refuses")
        }
        return answers["\(endpoint)\(request.path)"] ?? RESTAnswer(status: 404)
    }
}

@Suite struct RegistryTests {
    private static let config = Array(
        #"{"architecture":"arm64","rootfs":{"type":"layers","diff_ids":["sha256:\#(String(repeating: "1", count: 64))"]}}"#
            .utf8
    )
    private static var id: String { "sha256:" + sha256(bytes: config) }

    private func registry(_ base: String) -> RegistryQuestion {
        let manifest =
            #"{"schemaVersion":2,"config":{"digest":"\#(Self.id)","size":1},"layers":[{"digest":"sha256:a","size":700}]}"#
        let list =
            #"{"manifests":[{"digest":"sha256:amd","platform":{"architecture":"amd64","os":"linux"}},{"digest":"sha256:arm","platform":{"architecture":"arm64","os":"linux"}}]}"#
        return RegistryQuestion(
            transport: FakeRegistry(answers: [
                "\(base)/v2/team/app/manifests/1": RESTAnswer(
                    status: 200,
                    headers: [("Docker-Content-Digest", "sha256:list")],
                    body: Array(list.utf8)
                ),
                "\(base)/v2/team/app/manifests/sha256:arm": RESTAnswer(status: 200, body: Array(manifest.utf8)),
                "\(base)/v2/team/app/manifests/plain": RESTAnswer(status: 200, body: Array(manifest.utf8)),
                "\(base)/v2/team/app/manifests/closed": RESTAnswer(status: 401),
                "\(base)/v2/team/app/blobs/\(Self.id)": RESTAnswer(status: 200, body: Self.config),
            ]),
            insecure: ["old.example:5000"]
        )
    }

    @Test(arguments: [
        ("localhost:5000", "http://localhost:5000"), ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("old.example:5000", "http://old.example:5000"), ("new.example", "https://new.example:443"),
    ])
    func aListIsFollowedToTheRightArchitecture(_ name: String, _ base: String) async throws {
        let look = await registry(base).look(for: "\(name)/team/app:1", architecture: "arm64")
        let image = try #require(look.value, "\(look)")
        #expect(image.id == Self.id)
        #expect(image.digest == "sha256:list", "what is pulled is the list")
        #expect(image.layers.map(\.diffID) == ["sha256:" + String(repeating: "1", count: 64)])
        #expect(image.layers.map(\.bytes) == [nil], "a registry knows compressed sizes")
        #expect(image.architecture == "arm64")
    }

    @Test func whatIsMissingIsToldFromWhatIsUnknown() async {
        let question = registry("https://new.example:443")
        #expect(await question.look(for: "new.example/team/app:2", architecture: nil) == .absent)
        for name in ["new.example/team/app:closed", "down.example/team/app:1", "team/app:1", "new.example/team/app:1"] {
            let look = await question.look(for: name, architecture: "riscv64")
            guard case .unknown = look else {
                Issue.record("\(name): \(look)")
                continue
            }
        }
    }

    @Test func withoutADigestFieldTheManifestsOwnCounts() async {
        let look = await registry("https://new.example:443").look(for: "new.example/team/app:plain", architecture: nil)
        #expect(look.value?.digest?.count == 71)
    }
}
