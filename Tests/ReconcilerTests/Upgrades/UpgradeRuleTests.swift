import Specs
import Testing

@testable import Reconciler

@Suite("Which upgrades are documented")
struct UpgradeRuleTests {
    @Test(
        "a path the makers document is taken in the manner they document",
        arguments: [
            (.zooKeeper, "3.4.5", "3.4.14", .rolling), (.zooKeeper, "3.4.6", "3.8.0", .rolling),
            (.zooKeeper, "3.8.0-11+deb12u2", "3.8.0-11+deb12u3", .same), (.zooKeeper, "3.5.9", "3.6.3", .rolling),
            (.mesos, "0.21.1-1.1.ubuntu1404", "0.22.2", .rolling), (.mesos, "0.28.3", "1.0.4", .rolling),
            (.mesos, "1.4.3", "1.11.0", .rolling), (.mesos, "1.11.0", "1.11.0-2.0.1", .same),
            (.marathon, "1.11.23", "1.11.24", .rolling), (.marathon, "0.7.6", "0.8.2", .allStopped),
            (.marathon, "1.1.5", "1.3.13", .allStopped), (.marathon, "0.15.7", "1.1.5", .allStopped),
            (.marathon, "0.11.1", "0.13.1", .allStopped), (.marathon, "1.4.13", "1.5.15", .allStopped),
        ] as [(UpgradeProduct, String, String, UpgradeVerdict)]
    )
    func allowed(product: UpgradeProduct, from: String, to: String, expected: UpgradeVerdict) {
        #expect(UpgradeRules.verdict(product, from: from, to: to) == expected)
    }

    @Test(
        "what is not documented is refused with its rule",
        arguments: [
            (.zooKeeper, "3.4.5", "3.5.9", "upgrade-skips"), (.zooKeeper, "3.4.5", "3.8.0", "upgrade-skips"),
            (.zooKeeper, "3.8.0", "3.4.14", "package-downgrade"), (.zooKeeper, "3.4.14", "3.4.6", "package-downgrade"),
            (.zooKeeper, "3.3.6", "3.4.6", "upgrade-unknown"), (.zooKeeper, "3.8.0", "4.0.0", "upgrade-unknown"),
            (.mesos, "0.21.1", "0.23.0", "upgrade-skips"), (.mesos, "0.28.3", "1.1.0", "upgrade-skips"),
            (.mesos, "0.21.1", "1.11.0", "upgrade-skips"), (.mesos, "1.11.0", "1.10.0", "package-downgrade"),
            (.mesos, "0.18.0", "0.19.0", "upgrade-unknown"), (.mesos, "1.11.0", "1.12.0", "upgrade-unknown"),
            (.mesos, "1.11.0", "2.0.0", "upgrade-unknown"), (.mesos, "nightly", "1.11.0", "upgrade-unknown"),
            (.marathon, "1.4.13", "1.11.24", "upgrade-skips"), (.marathon, "0.8.2", "0.10.1", "upgrade-skips"),
            (.marathon, "1.11.24", "1.10.26", "package-downgrade"), (.marathon, "1.11.24", "1.12.0", "upgrade-unknown"),
            (.marathon, "0.15.7", "1.3.13", "upgrade-skips"),
        ] as [(UpgradeProduct, String, String, String)]
    )
    func refused(product: UpgradeProduct, from: String, to: String, rule: String) {
        let refusal = UpgradeRules.verdict(product, from: from, to: to).refusal
        #expect(refusal?.rule == rule)
        #expect(refusal?.because.isEmpty == false && refusal?.remedy.isEmpty == false)
    }

    @Test("no version is ever replaced by an older one, whatever the tables say", arguments: UpgradeProduct.allCases)
    func neverBack(product: UpgradeProduct) {
        let versions = (0...3).flatMap { major in
            (0...30).flatMap { minor in ["\(major).\(minor).0", "\(major).\(minor).7"] }
        }
        for (index, new) in versions.enumerated() {
            for old in versions[(index + 1)...] {
                #expect(UpgradeRules.verdict(product, from: old, to: new).refusal?.rule == "package-downgrade")
            }
        }
    }

    @Test("a skipped release is named with the next one to go to")
    func skipped() {
        let refusal = UpgradeRules.verdict(.marathon, from: "1.6.322", to: "1.9.109").refusal
        #expect(refusal?.because.contains("would skip 1.7, 1.8") == true)
        #expect(refusal?.remedy.contains("the last release of 1.7") == true)
    }

    @Test(
        "a Marathon wants a Mesos of its time",
        arguments: [("1.1.5", nil), ("1.3.13", "1.0.0"), ("1.6.322", "1.1.0"), ("1.11.24", "1.5.0")]
            as [(String, String?)]
    )
    func oldestMesos(marathon: String, mesos: String?) {
        #expect(UpgradeRules.oldestMesos(forMarathon: marathon)?.description == mesos)
    }
}
