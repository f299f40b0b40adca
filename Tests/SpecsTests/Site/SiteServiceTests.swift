import Testing

@testable import Specs

@Suite struct SiteServiceTests {
    @Test func whatTheNearestScopeSaysOfEachAspectCounts() throws {
        let (reading, _) = SiteSample.read(
            "services: {ntp: {boot: true, running: true}, rpcbind: {boot: no}}",
            node: "services: {ntp: {running: false}, backup.timer: {boot: yes}}",
            role: "services: {rpcbind: {running: no}}"
        )
        let desired = try SiteSample.desired(reading)
        func wishes(_ node: NodeName) -> [String] {
            desired.node(node)?.siteServices.map { service in
                let wish = service.wish ?? SiteWish()
                func word(_ value: Bool?) -> String { value.map { "\($0)" } ?? "-" }
                return "\(service.name) \(word(wish.boot)) \(word(wish.running)) \(service.layer)"
            } ?? []
        }
        #expect(wishes("a") == ["backup.timer true - site", "ntp true false site", "rpcbind false false site"])
        #expect(wishes("plain") == ["ntp true true site", "rpcbind false - site"])
    }

    static let refused: [(text: String, says: String)] = [
        ("{1️⃣docker: {boot: true}}", "runs where a node has the role `docker`"),
        ("{1️⃣mesos-slave: {running: false}}", "give or take the role instead"),
        ("{1️⃣mesos-agent: {running: true}}", "role `mesos-agent`"), ("{1️⃣marathon: {boot: no}}", "role `marathon`"),
        ("{1️⃣zookeeper: {boot: no}}", "role `zookeeper`"), ("{1️⃣mesos-master: {boot: no}}", "role `mesos-master`"),
        ("{1️⃣haproxy: {boot: yes}}", "managed by the role `haproxy` of m"),
        ("{1️⃣cron: {boot: yes}}", "managed by the role `haproxy` of m"),
        ("{ssh: {boot: 1️⃣off}}", "may not be reached any more"), ("{sshd: {running: 1️⃣no}}", "may not be reached"),
        ("{systemd-networkd: {boot: yes, running: 1️⃣no}}", "by hand, if at all"),
        ("{ssh.socket: {boot: 1️⃣no}}", "may not be reached"), ("{networking: {boot: 1️⃣no}}", "may not be reached"),
        ("{dbus: {running: 1️⃣no}}", "may not be reached"), ("{NetworkManager: {boot: 1️⃣no}}", "may not be reached"),
        ("{1️⃣ntp: {}}", "says neither `boot` nor `running`"), ("{1️⃣ntp.service: {boot: yes}}", "write `ntp`"),
    ]

    @Test(arguments: refused) func aServiceThatIsSomebodyElsesIsRefused(text: String, says: String) {
        let (reading, marks) = SiteSample.read("services: \(text)")
        let fault = reading.errors.first { $0.description.contains(says) }
        #expect(fault?.position == marks.first && reading.errors.count == 1, "\(reading.errors)")
        #expect(fault?.hint != nil)
    }

    @Test(arguments: [
        "{ssh: {boot: yes, running: yes}}", "{rpcbind: {boot: no, running: no}}", "{ntp: {boot: yes}}",
        "{systemd-timesyncd: {running: yes}}", "{fstrim.timer: {boot: yes, running: yes}}",
    ])
    func anyOtherServiceIsTheSites(text: String) {
        #expect(SiteSample.read("services: \(text)").reading.diagnostics.isEmpty)
    }

    @Test func theBalancersServicesAreFreeWhereItIsNot() {
        let (reading, _) = SiteSample.read("", node: "services: {haproxy: {boot: yes}, cron: {running: yes}}")
        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
    }

    @Test(arguments: [
        (ServiceIntent.startNow, [ServiceAct.unmaskUnit("x"), .startUnit("x")], [ServiceAct.startJob("x")]),
        (.disable, [.disableUnit("x")], [.holdJob("x")]), (.stop, [.stopUnit("x")], [.stopJob("x")]),
    ])
    func intentsAreLoweredToTheInitSystem(intent: ServiceIntent, systemd: [ServiceAct], upstart: [ServiceAct]) {
        #expect(intent.lower("x", to: .systemd) == systemd)
        #expect(intent.lower("x", to: .upstart) == upstart)
    }
}
