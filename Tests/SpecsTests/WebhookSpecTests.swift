import Testing

@testable import Specs

@Suite struct WebhookSpecTests {
    private func read(_ webhook: String) -> SpecReading {
        let text = "version: 1\ncluster: east\nnodes: {a: {address: 10.0.0.1}}\nwatch:\n  webhook: \(webhook)\n"
        return SpecReader.read("cluster.yaml", from: MemorySource(["cluster.yaml": text]))
    }

    @Test func aURLAloneIsAWebhookWithoutASecret() throws {
        let webhook = try #require(try read("https://hooks.example.org/T0/XX").checked().other.watch.webhook)
        #expect(webhook.url.value == "https://hooks.example.org/T0/XX")
        #expect(webhook.secret == nil && webhook.authority == nil && webhook.secretReferences == [])
        let whole = try #require(try read("${env:HOOK}").checked().other.watch.webhook)
        #expect(whole.secretReferences == [.environment("HOOK")])
    }

    @Test func itsSecretIsAReferenceOrWarnedOf() throws {
        let good = read("{url: 'https://h.example.org', secret: '${file:hook.key}'}")
        #expect(good.diagnostics == [])
        #expect(try good.checked().other.watch.webhook?.secretReferences == [.file("hook.key")])
        let clear = read("{url: 'https://h.example.org', secret: hunter2}")
        #expect(clear.diagnostics.map(\.severity) == [.warning])
        #expect(clear.diagnostics.first?.message == "the value of `watch.webhook.secret` is written in clear")
        #expect(read("https://me:hunter2@h.example.org/").diagnostics.map(\.severity) == [.warning])
    }

    @Test(arguments: [
        ("ftp://h.example.org/T0XX", "no URL"), ("h.example.org/T0XX", "no URL"), ("//${env:T0XX}", "no URL"),
        ("https:///T0XX", "names no host"), ("https://T0XX:99999", "port"), ("https://h:T0XX@/x", "names no host"),
        ("https://h.example.org/T0XX#frag", "fragment"), ("'https://h.example.org/T0XX y'", "space"),
        ("https://h.example.org/T0XXé", "ASCII"), ("https://T0XX%zz@h/", "percent-encoded"),
        ("https://[T0XX]/", "IPv6"), ("{secret: '${env:A}'}", "lacks `url`"),
        ("{url: 'https://h', secret: ''}", "empty"), ("{url: 'https://h', sekret: T0XX}", "unknown key `sekret`"),
        ("[https://T0XX]", "must be a mapping"),
    ])
    func faultsNeverQuoteIt(webhook: String, words: String) {
        let reading = read(webhook)
        #expect(reading.spec == nil)
        #expect(reading.errors.contains { $0.message.contains(words) }, "\(reading.errors)")
        #expect(!reading.diagnostics.contains { $0.description.contains("T0XX") }, "\(reading.diagnostics)")
    }

    @Test(
        arguments: [
            ("https://h.example.org", "h.example.org", 443, "/", nil),
            ("HTTP://H:8080/a/?b=c", "H", 8080, "/a/?b=c", nil), ("https://h?x", "h", 443, "/?x", nil),
            ("http://[::1]:81/p", "::1", 81, "/p", nil), ("https://a:b:c%2F@h/@x", "h", 443, "/@x", "a:b:c/"),
            ("https://token@h", "h", 443, "/", "token:"),
        ] as [(String, String, Int, String, String?)]
    )
    func takenApart(url: String, host: String, port: Int, target: String, credentials: String?) throws {
        let address = try WebAddress(url)
        #expect((address.host, address.port, address.target) == (host, port, target))
        #expect(address.credentials == credentials && address.isEncrypted == url.hasPrefix("https"))
        #expect("\(address)" == (host.contains(":") ? "[\(host)]" : host))
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains(target) || target == "/")
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1", true), ("127.9.9.9", true), ("[::1]", true),
        ("127.0.0.1.example.org", false),
        ("10.0.0.1", false), ("localhost.example.org", false), ("[::2]", false),
    ])
    func thisMachineIsToldFromOthers(host: String, isThis: Bool) throws {
        #expect(try WebAddress("http://\(host)/").isOfThisMachine == isThis)
    }
}
