import Reconciler
import Specs
import Testing

/// What is asked and kept of files and services of a site's own.
@Suite struct SiteObserveTests {
    private static let secrets = SecretStore([.environment("KEY"): "s3cr3t"])

    private func spec(_ text: Content, _ path: String = "/etc/site.conf") -> ClusterSpec {
        var spec = ObserveSample.cluster()
        spec.files = [FileSpec(path: ObserveSample.located(path), source: ObserveSample.located(.content(text)))]
        spec.services = [ServiceSpec(name: ObserveSample.located("ntp"), boot: ObserveSample.located(true))]
        return spec
    }

    private func content(_ found: String, declared: Content) throws -> ObservedFile? {
        let path = "/etc/site.conf"
        return try ObserveSample.observed(
            "m1",
            in: spec(declared),
            answers: [.file(path: path): .file(ObserveSample.file(path, found))],
            secrets: Self.secrets
        ).files[path]?.value
    }

    @Test func everyFileAndServiceIsAskedForAndHomesToo() {
        let spec = spec("x", "/home/erichan/.bashrc")
        for node in spec.nodes {
            let requests = ObservationRequest(for: node, in: spec).facts
            for request in [
                FactRequest.file(path: "/home/erichan/.bashrc"), .file(path: "/home/erichan"), .service("ntp"),
            ] {
                #expect(requests.contains(request), "\(request)")
            }
        }
    }

    @Test func whatIsThereAsDeclaredIsEqualThoughItLooksSecret() throws {
        let declared: Content = "password = hunter2\nuser = x\n"
        #expect(try content("password = hunter2\nuser = x\n", declared: declared)?.content == declared)
        let other = try #require(try content("password = other\nuser = x\n", declared: declared))
        #expect(other.content?.shown == "password = •••\nuser = x\n")
    }

    @Test func aDeclaredSecretIsAReferenceAndItsFileHasNoDigest() throws {
        let declared = Content([.literal("key="), .secret(.environment("KEY")), .literal("\n")])
        let seen = try #require(try content("key=s3cr3t\n", declared: declared))
        #expect(seen.content == declared && seen.version == .stamp("stamp-of-/etc/site.conf"))
    }
}
