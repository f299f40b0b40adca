import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// A unit that is written as a file: the simulated node has its service as the real script finds it.
@Suite struct SiteAgreementTests {
    @Test func `a unit written by hand is a service of both`() async throws {
        var pair = try NodePair(.debian12)
        let path = "/etc/systemd/system/site.service"
        try await expectAnswers(&pair, [.service("site"), .file(path: path)])
        for act in [ServiceAct.startUnit("site"), .enableUnit("site"), .disableUnit("site"), .stopUnit("site")] {
            try await expectSame(&pair, .service(act), "\(act) without a unit")
        }
        let write = FileWrite(
            path: path,
            content: "[Service]\nExecStart=sleep 600\n[Install]\nWantedBy=multi-user.target\n",
            expected: .absent
        )
        try await expectSame(&pair, .writeFile(write), "write")
        // The scripted systemctl knows units by its own files.
        try pair.real.remember("disabled\n", as: "units/site")
        let acts: [ServiceAct] = [
            .unmaskUnit("site"), .enableUnit("site"), .enableUnit("site"), .startUnit("site"), .startUnit("site"),
            .disableUnit("site"), .stopUnit("site"), .stopUnit("site"),
        ]
        for act in acts {
            try await expectSame(&pair, .service(act), "\(act)")
            let answers = try await pair.ask([.service("site")])
            for answer in answers { #expect(boot(answer.real) == boot(answer.lab), "after \(act)") }
        }
    }

    @Test func `a job written by hand is one of both`() async throws {
        var pair = try NodePair(.ubuntu14)
        let path = "/etc/init/site.conf"
        try await expectAnswers(&pair, [.service("site")])
        try await expectSame(&pair, .service(.startJob("site")), "start without a job")
        let write = FileWrite(path: path, content: "start on runlevel [2345]\nexec sleep 600\n", expected: .absent)
        try await expectSame(&pair, .writeFile(write), "write")
        try pair.real.remember("stop/waiting\n", as: "jobs/site")
        let acts: [ServiceAct] = [
            .startJob("site"), .startJob("site"), .holdJob("site"), .stopJob("site"), .releaseJob("site"),
        ]
        for act in acts {
            try await expectSame(&pair, .service(act), "\(act)")
            let answers = try await pair.ask([.service("site")])
            for answer in answers { #expect(boot(answer.real) == boot(answer.lab), "after \(act)") }
        }
    }

    private func boot(_ answer: FactAnswer) -> String {
        guard case .service(let service) = answer else { return "\(answer)" }
        return "\(service.boot) \(service.run)"
    }

    private func expectSame(_ pair: inout NodePair, _ action: NodeAction, _ what: String) async throws {
        let said = try await pair.act(action)
        #expect(said.real == said.lab, "\(what)")
    }

    private func expectAnswers(_ pair: inout NodePair, _ requests: [FactRequest]) async throws {
        for answer in try await pair.ask(requests) { #expect(answer.real == answer.lab, "\(answer.request)") }
    }
}
