import Daemons
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Lab

/// A change of a link is armed, confirmed, taken back and told alike by the real script and by a simulated node.
///
/// ifup and ifdown are programs of the scratch root that do nothing; no link of this machine is touched.
@Suite("Links of the script and of the lab", .timeLimit(.minutes(20)))
struct LinkAgreementTests {
    private static let path = "/etc/network/interfaces"
    private static let old = "auto nolink0\niface nolink0 inet static\n    address 10.99.0.1/24\n"
    private static let new = "auto nolink0\niface nolink0 inet static\n    address 10.99.0.1/23\n"

    private static func pair(_ platform: LabPlatform) throws -> NodePair {
        var pair = try NodePair(platform)
        pair.lab.address = "10.99.0.1"
        var wiring = pair.lab.networkAnswer
        wiring.links[1].name = "nolink0"
        wiring.links[1].addresses = ["10.99.0.1/24"]
        pair.lab.wiring = wiring
        try pair.put(old, at: path)
        for place in ["/etc/cron.d", "/etc/systemd/system"] where platform.usesSystemd || place == "/etc/cron.d" {
            try pair.makeDirectory(place)
        }
        for name in ["/sbin/ifup", "/sbin/ifdown", "/usr/sbin/cron"] {
            try pair.real.put("#!/bin/sh\n", at: name)
            makeExecutable(pair.real.root + name)
        }
        return pair
    }

    private static func arm(
        _ token: String,
        seconds: Int = 60,
        owner: LinkOwner = .ifupdown,
        text: String = new,
        over expected: String = old
    ) -> NodeAction {
        let file = NetworkFile(path: path, text: text, expected: .digest(sha256(expected)))
        return .network(
            .arm(NetworkChange(link: "nolink0", owner: owner, files: [file]), token: token, seconds: seconds)
        )
    }

    private func expectSame(_ pair: inout NodePair, _ act: NodeAction, _ what: String) async throws {
        let said = try await pair.act(act)
        #expect(said.real == said.lab, "\(what)")
    }

    /// Until the change stands like this on both.
    private func wait(_ pair: inout NodePair, _ token: String, for word: String) async throws {
        for _ in 1...100 {
            if case .done(let detail) = try await pair.real.act(.network(.collect(token: token)), run: pair.run),
                detail.hasPrefix(word)
            {
                break
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        pair.lab.advance(to: NodePair.now + 12_000)
        try await expectSame(&pair, .network(.collect(token: token)), "\(token) is \(word)")
        for answer in try await pair.ask([.file(path: Self.path)]) {
            guard case .file(let real) = answer.real, case .file(let lab) = answer.lab else {
                Issue.record("\(answer)")
                continue
            }
            #expect(real.digest == lab.digest, "\(word)")
        }
    }

    @Test(arguments: [LabPlatform.debian12, .ubuntu14])
    func `what is confirmed stays on both`(_ platform: LabPlatform) async throws {
        var pair = try Self.pair(platform)
        try await expectSame(&pair, .network(.collect(token: "t-1")), "collect before all")
        try await expectSame(&pair, .network(.confirm(token: "t-1")), "confirm before all")
        for owner in [LinkOwner.netplan, .networkManager, .unknown, .networkd] {
            try await expectSame(&pair, Self.arm("t-1", owner: owner), "\(owner)")
        }
        let elsewhere = try await pair.act(Self.arm("t-1", over: "another"))
        guard case .conflict = elsewhere.real, case .conflict = elsewhere.lab else {
            Issue.record("\(elsewhere)")
            return
        }
        try await expectSame(&pair, Self.arm("t-1"), "arm")
        try await wait(&pair, "t-1", for: "applied")
        try await expectSame(&pair, Self.arm("t-1"), "arm again")
        try await expectSame(&pair, Self.arm("t-2"), "arm another beside it")
        for _ in 1...2 { try await expectSame(&pair, .network(.confirm(token: "t-1")), "confirm") }
        try await wait(&pair, "t-1", for: "confirmed")
        try await expectSame(&pair, Self.arm("t-2", text: Self.old, over: Self.new), "arm what follows")
        try await expectSame(&pair, .network(.collect(token: "t-1")), "collect what is over")
        try await wait(&pair, "t-2", for: "applied")
        try await expectSame(&pair, .network(.confirm(token: "t-2")), "confirm what follows")
    }

    @Test(arguments: [LabPlatform.debian12, .ubuntu14])
    func `what nobody confirms is taken back on both`(_ platform: LabPlatform) async throws {
        var pair = try Self.pair(platform)
        try await expectSame(&pair, Self.arm("t-1", seconds: 1), "arm")
        try await wait(&pair, "t-1", for: "reverted")
        try await expectSame(&pair, .network(.confirm(token: "t-1")), "confirm too late")
        try await expectSame(&pair, Self.arm("t-2"), "arm the next")
        try await expectSame(&pair, .network(.collect(token: "t-1")), "collect what is over")
        try await wait(&pair, "t-2", for: "applied")
        try await expectSame(&pair, .network(.confirm(token: "t-2")), "confirm the next")
    }
}
