import Daemons
import FoundationEssentials
import Reconciler
import Specs
import Testing
import Transport

@testable import Command

@Suite("The webhook beside the loop", .timeLimit(.minutes(20)))
struct WebhookListenerTests {
    @Test("a receiver that fails at first gets each notice in order, signed, with one id and body for all tries")
    func retries() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([503, 429, 204].map { HTTPResponse($0) })
        try await receiver.serve { port in
            let listener = try place.listener(place.declared(port))
            try await place.accompany(listener) {
                listener.notify(WebhookPlace.notice(.found))
                listener.notify(WebhookPlace.notice(.corrected))
                try await eventually("both are taken") { try place.store.waiting()?.entries.isEmpty == true }
            }
        }
        let requests = receiver.requests
        #expect(requests.map { $0[header: "Reconciler-Attempt"] } == ["1", "2", "3", "1"])
        let notices = try receiver.bodies(ReceivedNotice.self)
        #expect(notices.map(\.kind) == ["found", "found", "found", "corrected"])
        #expect(notices.map(\.sequence) == [1, 1, 1, 2] && Set(notices.map(\.id)).count == 2)
        #expect(notices[0].formatVersion == 1 && notices[0].cluster == "east")
        #expect(notices[0].time == "1970-01-02T00:00:00Z")
        #expect(requests[0].body == requests[2].body)
        for (request, notice) in zip(requests, notices) {
            #expect(request.target == "/T0XX" && request[header: "Reconciler-Id"] == notice.id)
            let header = try #require(request[header: "Reconciler-Signature"])
            let time = try #require(Int(header.dropFirst(2).prefix { $0 != "," }))
            #expect(abs(time - Int(Date().timeIntervalSince1970)) < 300)
            #expect(WebhookSignature.header(of: request.body, key: Array("a key".utf8), at: time) == header)
        }
        #expect(place.complaints.count == 3, "\(place.complaints)")
        #expect(place.complaints.last == "watch.webhook (127.0.0.1): it works again")
        #expect(!place.complaints.contains { $0.contains("T0XX") })
    }

    @Test("what waits when the loop ends is kept, and the next loop sends it first")
    func restart() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([HTTPResponse(500)])
        try await receiver.serve { port in
            let policy = WebhookPolicy(firstWait: .seconds(1), farewell: .milliseconds(100))
            let first = try place.listener(place.declared(port), policy)
            try await place.accompany(first) {
                first.notify(WebhookPlace.notice(.found))
                first.notify(WebhookPlace.notice(.failed))
                try await eventually("it is tried") { try place.store.waiting()?.entries.first?.tries == 1 }
            }
            #expect(try place.store.waiting()?.entries.count == 2)
            #expect(place.complaints.last?.contains("2 notices not delivered; the next `watch`") == true)
            receiver.say(200)
            let second = try place.listener(place.declared(port), policy)
            try await place.accompany(second) {
                second.notify(WebhookPlace.notice(.recovered))
                try await eventually("all are taken") { try place.store.waiting()?.entries.isEmpty == true }
            }
        }
        let notices = try receiver.bodies(ReceivedNotice.self)
        #expect(notices.map(\.kind) == ["found", "found", "failed", "recovered"])
        #expect(notices.map(\.sequence) == [1, 1, 2, 3] && notices[0].id == notices[1].id)
        #expect(receiver.requests.map { $0[header: "Reconciler-Attempt"] } == ["1", "2", "1", "1"])
    }

    @Test("what is there at the end of a single round is still delivered")
    func farewell() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([HTTPResponse(500), HTTPResponse(200)])
        try await receiver.serve { port in
            let listener = try place.listener(place.declared(port))
            try await place.accompany(listener) { listener.notify(WebhookPlace.notice()) }
        }
        #expect(receiver.requests.count == 2)
        #expect(try place.store.waiting()?.entries.isEmpty == true)
    }

    @Test("a receiver that never answers keeps nobody: not the loop, and not its end")
    func hangs() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([HTTPResponse(200)], delay: .seconds(60))
        try await receiver.serve { port in
            let policy = WebhookPolicy(deadline: .milliseconds(300), farewell: .milliseconds(500))
            let listener = try place.listener(place.declared(port), policy)
            let clock = ContinuousClock()
            let whole = try await clock.measure {
                try await place.accompany(listener) {
                    let telling = clock.measure { for _ in 1...5 { listener.notify(WebhookPlace.notice()) } }
                    #expect(telling < .seconds(30))
                    try await eventually("it is told") { !place.complaints.isEmpty }
                }
            }
            #expect(whole < .seconds(45))
            #expect(place.complaints.first?.contains("no whole answer within 0.30 s") == true, "\(place.complaints)")
            #expect(try place.store.waiting()?.entries.count == 5)
        }
    }

    @Test("what is refused is told once, counted and not sent again; what was lost is told when it works again")
    func refused() async throws {
        let place = try WebhookPlace()
        let record = LoopLab.Record()
        let listeners = WatchListeners([record], tally: place.tally)
        listeners.publish(LoopStatus(cluster: "east", mode: .report, started: 0, intervalSeconds: 300), nil)
        let receiver = TestReceiver([HTTPResponse(404)])
        try await receiver.serve { port in
            let listener = try place.listener(place.declared(port))
            try await place.accompany(listener) {
                for _ in 1...3 { listener.notify(WebhookPlace.notice()) }
                try await eventually("all are refused") { record.status?.counters.webhookFailures == 3 }
                #expect(receiver.requests.count == 3 && place.complaints.count == 1, "\(place.complaints)")
                receiver.say(200)
                listener.notify(WebhookPlace.notice())
                try await eventually("it works again") { place.complaints.count == 2 }
            }
        }
        #expect(place.complaints[0].hasSuffix("it answered 404; such notices are dropped"))
        #expect(place.complaints[1].hasSuffix("it works again; 3 notices dropped meanwhile"))
        // The loop's own status knows nothing of it.
        listeners.publish(LoopStatus(cluster: "east", mode: .report, started: 1, intervalSeconds: 300), nil)
        #expect(record.status?.started == 1 && record.status?.counters.webhookFailures == 3)
    }

    @Test("more than may wait drops the oldest, counted and told; the numbers show the gap")
    func overflow() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([HTTPResponse(200)])
        try await receiver.serve { port in
            let listener = try place.listener(place.declared(port), WebhookPolicy(mostWaiting: 2))
            for _ in 1...5 { listener.notify(WebhookPlace.notice()) }
            #expect(place.complaints == ["watch.webhook (127.0.0.1): 1 notice dropped: too many wait"])
            try await place.accompany(listener) {
                try await eventually("it works again") { place.complaints.count == 2 }
            }
        }
        #expect(try receiver.bodies(ReceivedNotice.self).map(\.sequence) == [4, 5])
        #expect(place.complaints.last?.hasSuffix("3 notices dropped meanwhile") == true)
    }

    @Test("a commit moves the webhook or takes it away, without a restart")
    func follows() async throws {
        let place = try WebhookPlace()
        let (old, new) = (TestReceiver([HTTPResponse(500)]), TestReceiver([HTTPResponse(200)]))
        try await old.serve { oldPort in
            try await new.serve { newPort in
                let listener = try place.listener(place.declared(oldPort), WebhookPolicy(firstWait: .seconds(600)))
                try await place.accompany(listener) {
                    listener.notify(WebhookPlace.notice())
                    try await eventually("it is tried") { old.requests.count == 1 && !place.complaints.isEmpty }
                    listener.follow(place.declared(oldPort))
                    listener.follow(place.declared(newPort, secret: nil))
                    try await eventually("the new one has it") { new.requests.count == 1 }
                    #expect(new.requests.first?[header: "Reconciler-Signature"] == nil)
                    listener.follow(place.declared(nil))
                    listener.notify(WebhookPlace.notice())
                }
            }
        }
        #expect(old.requests.count == 1 && new.requests.count == 1)
        #expect(try place.store.waiting()?.entries.isEmpty == true)
    }

    @Test("a secret is needed from the start, may change meanwhile, and nothing goes unsigned for want of it")
    func secrets() async throws {
        let place = try WebhookPlace()
        let receiver = TestReceiver([HTTPResponse(200)])
        try await receiver.serve { port in
            let missing = place.declared(port, secret: Content([.secret(.file("other.key"))]))
            let stop = #expect(throws: Stop.self) { try place.listener(missing) }
            #expect(stop?.message?.contains("${file:other.key}: there is no file other.key") == true)
            let listener = try place.listener(place.declared(port))
            try FileManager.default.removeItem(atPath: place.directory + "/hook.key")
            try await place.accompany(listener) {
                listener.notify(WebhookPlace.notice())
                try await eventually("it is told") { place.complaints.contains { $0.contains("no file hook.key") } }
                #expect(receiver.requests.isEmpty)
                try place.put("another", "hook.key")
                try await eventually("it is sent") { receiver.requests.count == 1 }
            }
        }
        let request = try #require(receiver.requests.first)
        let header = try #require(request[header: "Reconciler-Signature"])
        let time = try #require(Int(header.dropFirst(2).prefix { $0 != "," }))
        #expect(WebhookSignature.header(of: request.body, key: Array("another".utf8), at: time) == header)
    }

    @Test("of a simulated cluster nothing leaves this machine")
    func lab() async throws {
        let place = try WebhookPlace()
        let listener = try place.listener(place.declared(9, host: "192.0.2.1"), isLab: true)
        listener.notify(WebhookPlace.notice())
        listener.follow(place.declared(9, host: "192.0.2.1"))
        try await place.accompany(listener) {}
        #expect(try place.store.waiting() == nil)
        let words = "watch.webhook (192.0.2.1): nothing of a simulated cluster is sent to another machine"
        #expect(place.complaints == [words])
    }

    @Test("a file of it that is damaged is told, and the loop goes on")
    func damaged() async throws {
        let place = try WebhookPlace()
        try place.put("{", "state/webhook.json")
        let receiver = TestReceiver([HTTPResponse(200)])
        try await receiver.serve { port in
            let listener = try place.listener(place.declared(port))
            #expect(place.complaints.count == 1 && place.complaints[0].contains("webhook.json"), "\(place.complaints)")
            try await place.accompany(listener) { listener.notify(WebhookPlace.notice()) }
        }
        #expect(receiver.requests.count == 1)
    }
}

@Suite("The webhook of the commands")
struct WebhookCommandTests {
    @Test(
        "watch tells it, --test-webhook tries it, validate says that nothing is signed; none shows its URL",
        .timeLimit(.minutes(20))
    )
    func story() async throws {
        let receiver = TestReceiver([HTTPResponse(200)])
        try await receiver.serve { port in
            let directory = try LoopLab.place("watch: {webhook: \"http://me:hunter2@127.0.0.1:\(port)/T0XX\"}\n")
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let file = directory + "/cluster.yaml"
            let reconciler = WatchRun(directory: directory)
            let valid = await reconciler("validate", "-f", file)
            #expect(valid.output.contains("Notices to watch.webhook are not signed: it has no `secret`."), "\(valid)")
            let test = await reconciler("watch", "--test-webhook", "--lab", "-f", file)
            #expect(test.status == 0, "\(test)")
            let words = "watch.webhook (127.0.0.1): it answered 200; the notice was unsigned"
            #expect(test.output.hasPrefix(words), "\(test)")
            let told = await reconciler("watch", "--lab", "--once", "-f", file)
            #expect(told.output.contains(" found: "), "\(told)")
            receiver.say(500)
            let failed = await reconciler("watch", "--test-webhook", "--lab", "-f", file)
            #expect(failed.status == 1, "\(failed)")
            #expect(failed.log.contains("watch.webhook (127.0.0.1): it answered 500"), "\(failed)")
            try (try String(contentsOfFile: file, encoding: .utf8) + "  x: 1\n")
                .write(toFile: file, atomically: true, encoding: .utf8)
            let broken = await reconciler("validate", "-f", file)
            #expect(broken.status == 1)
            for result in [valid, test, told, failed, broken] {
                #expect(!(result.output + result.log).contains("T0XX"), "\(result)")
                #expect(!(result.output + result.log).contains("hunter2"), "\(result)")
            }
        }
        #expect(try receiver.bodies(ReceivedNotice.self).map(\.kind) == ["test", "found", "test"])
    }

    @Test("--test-webhook without a webhook is an error that says so")
    func nothing() async {
        let result = await CommandRun().run("watch", "--test-webhook")
        #expect(result.status == .failure && result.log.contains("`watch.webhook`"), "\(result)")
    }
}
