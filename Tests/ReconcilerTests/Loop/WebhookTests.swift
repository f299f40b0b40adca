import Reconciler
import Testing

@Suite("What follows from a webhook's answer")
struct WebhookPolicyTests {
    private let policy = WebhookPolicy()

    @Test(
        "only what may pass is tried again",
        arguments: [
            (WebhookAnswer.status(200), nil), (.status(204), nil), (.status(299), nil),
            (.status(408), true), (.status(429), true), (.status(500), true), (.status(503), true),
            (.status(599), true), (.none(.refused, ""), true), (.none(.unreachable, ""), true),
            (.none(.timedOut, ""), true), (.none(.interrupted, ""), true), (.none(.untrusted, ""), true),
            (.unsent(""), true), (.status(400), false), (.status(401), false), (.status(404), false),
            (.status(410), false), (.status(301), false), (.status(307), false), (.status(308), false),
            (.status(101), false),
        ] as [(WebhookAnswer, Bool?)]
    )
    func kinds(answer: WebhookAnswer, isRetried: Bool?) {
        switch policy.verdict(on: answer, tries: 1, jitter: 0.5) {
        case .delivered: #expect(isRetried == nil)
        case .retry: #expect(isRetried == true)
        case .refused: #expect(isRetried == false)
        }
    }

    private func wait(_ answer: WebhookAnswer, tries: Int, jitter: Double) -> Duration {
        guard case .retry(let wait) = policy.verdict(on: answer, tries: tries, jitter: jitter) else { return .zero }
        return wait
    }

    @Test("the wait doubles up to its limit, and is drawn from its upper half")
    func backOff() {
        let answer = WebhookAnswer.status(500)
        #expect((1...4).map { wait(answer, tries: $0, jitter: 0) } == [0.5, 1, 2, 4].map { .seconds($0) })
        for tries in 1...80 {
            let (least, most) = (wait(answer, tries: tries, jitter: 0), wait(answer, tries: tries, jitter: 1))
            #expect(least * 2 == most && most <= policy.longestWait && least >= .milliseconds(500))
            #expect(tries == 1 || most >= wait(answer, tries: tries - 1, jitter: 1))
        }
        #expect(wait(answer, tries: 80, jitter: 1) == policy.longestWait)
    }

    @Test("a receiver may ask for more time, within limits, and never for less")
    func retryAfter() {
        #expect(wait(.status(429, retryAfterSeconds: 120), tries: 1, jitter: 0) == .seconds(120))
        #expect(wait(.status(503, retryAfterSeconds: 999_999), tries: 1, jitter: 0) == policy.longestRetryAfter)
        #expect(wait(.status(429, retryAfterSeconds: 0), tries: 4, jitter: 0) == .seconds(4))
    }

    @Test(
        "Retry-After is read in both its forms, and what is neither is none",
        arguments: [
            ("120", 120), ("0", 0), (" 7 ", 7), ("99999999999999999999", 999_999_999),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400 - 784_111_740), ("-1", nil), ("1.5", nil), ("soon", nil),
            ("", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
        ] as [(String, Int?)]
    )
    func forms(text: String, seconds: Int?) {
        #expect(RetryAfter.seconds(text, at: 784_111_740) == seconds)
    }
}

@Suite("Notices that wait for a webhook")
struct WebhookQueueTests {
    private let policy = WebhookPolicy(mostWaiting: 3, mostBytes: 100, oldestSeconds: 60)

    private func queue(_ ids: String..., at now: Int = 0, body: String = "b") -> WebhookQueue {
        var queue = WebhookQueue()
        for id in ids { _ = queue.add(id: id, at: now, policy) { "\(body)\($0)" } }
        return queue
    }

    @Test("go in order, none before an earlier one, each with the same body for every try")
    func order() {
        var queue = queue("a", "b")
        #expect(queue.settle("a", .status(500), policy, at: 10, jitter: 0) == .retry(after: .milliseconds(500)))
        #expect(queue.entries.map(\.id) == ["a", "b"])
        #expect(queue.entries[0].tries == 1 && queue.entries[0].body == "b1")
        #expect(queue.settle("a", .status(500), policy, at: 11, jitter: 0) == .retry(after: .seconds(1)))
        #expect(queue.settle("a", .status(200), policy, at: 12, jitter: 0) == .delivered)
        #expect(queue.entries.map(\.id) == ["b"] && queue.entries[0].tries == 0 && queue.notBefore == nil)
        #expect(queue.settle("b", .status(404), policy, at: 13, jitter: 0) == .refused)
        #expect(queue.entries.isEmpty && queue.sequence == 2)
    }

    @Test("are as many as their limits let be: the oldest go, and their numbers are not given again")
    func limits() {
        var queue = queue("a", "b", "c")
        #expect(queue.add(id: "d", at: 0, policy) { "b\($0)" } == 1)
        #expect(queue.entries.map(\.body) == ["b2", "b3", "b4"])
        // What was under way is gone meanwhile: its answer says nothing of the next one.
        #expect(queue.settle("a", .status(200), policy, at: 1, jitter: 0) == nil)
        #expect(queue.entries.map(\.tries) == [0, 0, 0])
        let long = String(repeating: "x", count: 99)
        #expect(queue.add(id: "e", at: 0, policy) { _ in long } == 3)
        #expect(queue.add(id: "f", at: 0, policy) { _ in long + long } == 1)
        #expect(queue.entries.map(\.id) == ["f"])
    }

    @Test("end when they are too old, whatever the clock did")
    func age() {
        var queue = queue("a", at: 100)
        _ = queue.add(id: "b", at: 130, policy) { _ in "b" }
        #expect(queue.expire(at: 160, policy) == 0)
        #expect(queue.expire(at: 50, policy) == 0)
        #expect(queue.expire(at: 161, policy) == 1 && queue.entries.map(\.id) == ["b"])
        #expect(queue.removeAll() == 1 && queue.entries.isEmpty)
    }

    @Test("a new process keeps to the wait, and to none that a wrong clock made endless")
    func restart() {
        var queue = queue("a")
        #expect(queue.wait(at: 0, policy) == .zero)
        _ = queue.settle("a", .status(429, retryAfterSeconds: 100), policy, at: 1000, jitter: 0)
        #expect(queue.wait(at: 1050, policy) == .seconds(51))
        #expect(queue.wait(at: 2000, policy) == .zero)
        #expect(queue.wait(at: -1_000_000, policy) == policy.longestRetryAfter)
    }

    @Test("whatever happens, nothing is lost without being counted, and nothing goes out of order")
    func property() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var queue = WebhookQueue()
            var (added, delivered, refused, dropped): (Int, [Int], Int, Int) = (0, [], 0, 0)
            for now in 0..<120 {
                if Bool.random(using: &random) {
                    added += 1
                    dropped += queue.add(id: "\(added)", at: now, policy) { "\($0)" }
                }
                dropped += queue.expire(at: now, policy)
                guard let first = queue.entries.first, Int.random(in: 0..<3, using: &random) == 0 else { continue }
                let status = [200, 503, 404].randomElement(using: &random) ?? 200
                switch queue.settle(first.id, .status(status), policy, at: now, jitter: 0.3) {
                case .delivered: delivered.append(Int(first.body) ?? 0)
                case .refused: refused += 1
                case .retry, nil: break
                }
                #expect(queue.entries.count <= policy.mostWaiting)
            }
            #expect(delivered == delivered.sorted() && Set(delivered).count == delivered.count)
            #expect(added == delivered.count + refused + dropped + queue.entries.count && queue.sequence == added)
        }
    }
}

@Suite("A webhook's signature")
struct WebhookSignatureTests {
    /// The code over `784111777.{}` by the key `Jefe`, as `openssl dgst -sha256 -hmac Jefe` prints it.
    @Test("is HMAC-SHA256 over the time and the body, and another at another time, for another body and by another key")
    func signature() {
        let header = WebhookSignature.header(of: Array("{}".utf8), key: Array("Jefe".utf8), at: 784_111_777)
        #expect(header == "t=784111777,v1=2d12b34dc5f5c5278811224ac8298f4b19a9125d2288c6d25fe15a0e60f49e81")
        let others = [
            WebhookSignature.header(of: Array("{}".utf8), key: Array("Jefe".utf8), at: 784_111_778),
            WebhookSignature.header(of: Array("{ }".utf8), key: Array("Jefe".utf8), at: 784_111_777),
            WebhookSignature.header(of: Array("{}".utf8), key: Array("Jeff".utf8), at: 784_111_777),
        ]
        #expect(Set(others.map { $0.suffix(64) } + [header.suffix(64)]).count == 4)
    }
}
