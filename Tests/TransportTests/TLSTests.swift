import Reconciler
import Testing

@testable import Transport

@Suite(.ownThread) struct TLSTests {
    @Test("A certificate of the declared authority is trusted, by name and by address")
    func theDeclaredAuthority() async throws {
        let authority = try await TestAuthority()
        try await authority.issue("good", for: "DNS:localhost,IP:127.0.0.1")
        let server = try await authority.serve("good")
        // As cluster.yaml names it: relative to its own directory.
        try await transporting(NetworkTransport(directory: authority.directory.path)) { transport in
            for host in ["localhost", "127.0.0.1"] {
                for file in ["ca.pem", authority.path("ca.pem")] {
                    let endpoint = RESTEndpoint(.https, host: host, port: server.port, authority: file)
                    let answer = try await transport.send(RESTRequest(.get, "/"), to: endpoint)
                    #expect(answer.status == 200)
                    #expect(answer.text.contains("s_server"))
                }
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var certificate: String
        var authority: String?
        var fact: String
        var move: String

        init(_ name: String, _ certificate: String, _ authority: String?, _ fact: String, _ move: String) {
            testDescription = name
            self.certificate = certificate
            self.authority = authority
            self.fact = fact
            self.move = move
        }
    }

    static let refusals = [
        Refusal(
            "the system's authorities do not know it",
            "good",
            nil,
            "an authority that is not trusted",
            "`marathon.authority`"
        ),
        Refusal(
            "another authority is declared",
            "good",
            "other.pem",
            "an authority that is not trusted",
            "other.pem, which is trusted"
        ),
        Refusal(
            "it is for another host",
            "elsewhere",
            "ca.pem",
            "for marathon.example, 10.16.40.1 and not for 127.0.0.1",
            "name the host"
        ),
        Refusal("it has expired", "expired", "ca.pem", "expired on 20", "renew"),
        Refusal("it is self-signed", "alone", nil, "self-signed", "`marathon.authority`"),
        Refusal(
            "the authority's file is missing",
            "good",
            "nowhere.pem",
            "nowhere.pem: no certificates",
            "mend the file"
        ),
        Refusal(
            "the authority's file holds no certificate",
            "good",
            "good.key",
            "good.key: no certificates",
            "mend the file"
        ),
    ]

    @Test("What is wrong with a certificate is said, and nothing was sent", arguments: refusals)
    func untrustedCertificates(_ refusal: Refusal) async throws {
        let authority = try await TestAuthority()
        switch refusal.certificate {
        case "elsewhere": try await authority.issue("elsewhere", for: "DNS:marathon.example,IP:10.16.40.1")
        case "expired": try await authority.issue("expired", for: "IP:127.0.0.1", isExpired: true)
        case "alone": try await authority.selfSign("alone", for: "IP:127.0.0.1")
        default: try await authority.issue("good", for: "IP:127.0.0.1")
        }
        let server = try await authority.serve(refusal.certificate)
        // A loaded machine takes its time for the two handshakes.
        let options = NetworkOptions(connectTimeout: .seconds(30))
        try await transporting(NetworkTransport(options: options, directory: authority.directory.path)) { transport in
            let endpoint = RESTEndpoint(.https, host: "127.0.0.1", port: server.port, authority: refusal.authority)
            let error = try await fault(of: transport, RESTRequest(.put, "/v2/apps//a"), at: endpoint)
            #expect(error.kind == .untrusted, "\(error)")
            #expect(!error.mayHaveArrived)
            #expect(error.message.contains(refusal.fact), "\(error)")
            #expect(error.message.contains(refusal.move), "\(error)")
        }
    }

    @Test("What a second look does not see is not made up")
    func aCertificateThatIsNotShownAgain() async throws {
        let closed = RESTEndpoint(.https, host: "127.0.0.1", port: try ScriptedPeer.closedPort(), authority: "ca.pem")
        let tls = try #require(
            try TrustStore(directory: ".").configuration(for: RESTEndpoint(.https, host: "127.0.0.1", port: 1))
        )
        func explained(_ fault: Fault) async -> Fault {
            await CertificateFault.explained(fault, closed, at: .network, tls: tls, within: .seconds(30))
        }
        let untrusted = await explained(Fault(.untrusted, "its certificate is not trusted"))
        #expect(untrusted.fact == "its certificate is not trusted")
        #expect(
            untrusted.move
                == "look at when it expires and whether ca.pem, which is trusted instead of the system's authorities, "
                + "knows who issued it"
        )
        let another = Fault(.untrusted, "its certificate is for another host", "name the host as the certificate does")
        #expect(await explained(another) == another)
    }

    @Test("A certificate that is trusted by its own file is an authority of one")
    func aPinnedCertificate() async throws {
        let authority = try await TestAuthority()
        try await authority.selfSign("alone", for: "IP:127.0.0.1")
        let server = try await authority.serve("alone")
        try await transporting { transport in
            let endpoint = RESTEndpoint(
                .https,
                host: "127.0.0.1",
                port: server.port,
                authority: authority.path("alone.pem")
            )
            let answer = try await transport.send(RESTRequest(.get, "/"), to: endpoint)
            #expect(answer.status == 200)
        }
    }

    @Test("A port that does not speak TLS, or nothing at all, is told from a bad certificate")
    func noTLSThere() async throws {
        let plain = try ScriptedPeer([.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), .stay])
        let mute = try ScriptedPeer([.stay])
        defer {
            plain.stop()
            mute.stop()
        }
        try await transporting { transport in
            let spoken = try await fault(of: transport, at: RESTEndpoint(.https, host: "127.0.0.1", port: plain.port))
            #expect(spoken.kind == .interrupted, "\(spoken)")
            #expect(spoken.message.contains("check that it speaks https"), "\(spoken)")
            #expect(!spoken.mayHaveArrived)
        }
        try await transporting(NetworkTransport(options: NetworkOptions(connectTimeout: .milliseconds(700)))) {
            transport in
            let silent = try await fault(of: transport, at: RESTEndpoint(.https, host: "127.0.0.1", port: mute.port))
            // Two watches end at that moment: of the handshake, and of the connection as a whole.
            #expect([.timedOut, .unreachable].contains(silent.kind), "\(silent)")
            #expect(silent.message.contains("within 0.70 s") && silent.message.contains("https"), "\(silent)")
            #expect(!silent.mayHaveArrived)
        }
    }
}
