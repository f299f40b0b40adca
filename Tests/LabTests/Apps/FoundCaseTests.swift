import Specs
import Testing

@testable import Daemons

/// What the properties have found once, so that it is looked at in every run.
@Suite struct FoundCaseTests {
    struct Found: CustomTestStringConvertible, Sendable {
        var release: MarathonRelease
        var first: AppValue
        var second: AppValue

        init(_ release: MarathonRelease, _ first: AppValue, _ second: AppValue) {
            (self.release, self.first, self.second) = (release, first, second)
        }

        var testDescription: String { "\(release): \(JSON(first).text) to \(JSON(second).text)" }
    }

    @Test("an app that was hard to tell comes from one definition to the other and back", arguments: found)
    func settles(_ found: Found) throws {
        for (first, second) in [(found.first, found.second), (found.second, found.first)] {
            var story = AgreementCase(found.release, seed: 1)
            story.context.features = ["secrets"]
            story.declared = Self.app(first)
            var server = try #require(try story.created())
            #expect(story.revision(story.declared, try story.live(server)) == nil)
            try story.settle(Self.app(second), on: &server, edited: nil)
        }
    }

    private static func app(_ members: AppValue) -> AppValue {
        var members = members.members ?? [:]
        members["id"] = .text(Content(AgreementCase.id))
        return .object(members)
    }

    static let found: [Found] = {
        let two: AppValue = [["containerPort": 8080], ["containerPort": 80]]
        let bridge: AppValue = ["container": ["docker": ["image": "i", "network": "BRIDGE", "portMappings": two]]]
        let none: AppValue = ["container": ["docker": ["image": "i", "network": "NONE", "portMappings": two]]]
        let bare: AppValue = ["container": ["docker": ["image": "j", "network": "BRIDGE"]]]
        let mesos: AppValue = ["container": ["type": "MESOS", "docker": ["image": "i"]]]
        let credential: AppValue = [
            "container": ["type": "MESOS", "docker": ["image": "i", "credential": ["principal": "p"]]]
        ]
        let docker: AppValue = ["container": ["type": "DOCKER", "docker": ["image": "i"]]]
        let appc: AppValue = ["container": ["type": "MESOS", "appc": ["image": "i"]]]
        let pulled: AppValue = ["container": ["type": "MESOS", "appc": ["image": "i", "forcePullImage": true]]]
        let loose: AppValue = ["container": ["type": "MESOS", "linuxInfo": ["seccomp": ["unconfined": true]]]]
        let plain: AppValue = ["container": ["type": "MESOS", "linuxInfo": ["seccomp": [:]]]]
        var rows: [Found] = []
        // Ports that mappings stood for stay where a merge does not say them.
        for release in [MarathonRelease(0, 7, 6), MarathonRelease(0, 8, 2), MarathonRelease(1, 1, 5)] {
            rows += [Found(release, bridge, none), Found(release, bridge, bare)]
        }
        rows.append(Found(MarathonRelease(1, 3, 13), credential, mesos))
        for release in [
            MarathonRelease(1, 3, 13), MarathonRelease(1, 4, 13), MarathonRelease(1, 5, 15), MarathonRelease(1, 7, 236),
            MarathonRelease(1, 8, 244),
        ] { rows += [Found(release, mesos, docker), Found(release, appc, pulled), Found(release, appc, mesos)] }
        for release in [MarathonRelease(1, 8, 244), MarathonRelease(1, 9, 109), MarathonRelease(1, 11, 24)] {
            rows.append(Found(release, loose, plain))
        }
        return rows
    }()

    @Test("an app bound to an agent keeps its port where another detail of it changes")
    func residentPort() throws {
        let volume: AppValue = ["containerPath": "data", "mode": "RW", "persistent": ["size": 10]]
        let container: AppValue = ["type": "MESOS", "volumes": [volume]]
        var story = AgreementCase(MarathonRelease(1, 10, 26), seed: 95)
        story.declared = Self.app(["container": container, "requirePorts": true])
        var server = try #require(try story.created())
        let wanted: AppValue = ["container": container, "requirePorts": true, "portDefinitions": [["protocol": "tcp"]]]
        try story.settle(Self.app(wanted), on: &server, edited: nil)
    }
}
