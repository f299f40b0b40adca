import Specs
import Testing

@testable import Reconciler

@Suite("Flags as declared, on disk and running")
struct ReportedFlagsTests {
    private let desired = Samples.desired()

    private func plan(_ change: @escaping (inout ObservedService) -> Void) -> Plan {
        Samples.plan(desired, observed(change))
    }

    private func observed(_ change: @escaping (inout ObservedService) -> Void) -> ObservedCluster {
        Samples.converged(desired).changing("m2") { node in
            node.services[.mesosMaster] = node.services[.mesosMaster]?.map { service in
                var service = service
                change(&service)
                return service
            }
        }
    }

    private func declared(_ service: ObservedService) -> [String: Content] { startFlags(service) }

    @Test func `a flag that runs as declared by default needs no restart`() {
        let plan = plan { service in
            service.reportedFlags = declared(service)
            service.arguments.removeAll { $0.shown.hasPrefix("--work_dir=") }
        }
        #expect(plan.isEmpty)
    }

    @Test func `what a daemon reports otherwise than declared is a restart, and defaults nobody declared are nothing`()
    {
        let plan = plan { service in
            var reported = declared(service)
            reported["cluster"] = "elsewhere"
            reported["registry_fetch_timeout"] = "1mins"
            service.arguments.removeAll { $0.shown.hasPrefix("--hostname=") }
            reported["hostname"] = "other"
            service.reportedFlags = reported
        }
        let restart = plan.steps.flatMap(\.changes).map(\.summary).filter { $0.hasPrefix("restart") }
        #expect(restart.count == 1 && restart.allSatisfy { $0.contains("--hostname other → ") })
        #expect(restart.allSatisfy { !$0.contains("registry_fetch_timeout") })
    }

    @Test func `a form of the daemon's own is no difference where the command line is as declared`() {
        let service = ObservedService(
            name: .mesosMaster,
            boot: .on,
            run: .running,
            arguments: ["mesos-master", #"--acls={"permissive": true}"#, "--size=1024MB"],
            reportedFlags: ["acls": "permissive: true", "size": "1GB"]
        )
        let wanted = [FlagValue("acls", #"{"permissive": true}"#), FlagValue("size", "1024MB")]
        #expect(differingFlags(wanted, running: service).isEmpty)
        #expect(contradictoryFlags(service).isEmpty)
    }

    @Test func `a command line that cannot be read is made up for by what the daemon reports`() {
        let plan = plan { service in
            service.reportedFlags = declared(service)
            service.arguments = []
        }
        #expect(plan.isEmpty)
    }

    @Test func `a daemon that reports another quorum than its process was started with is refused and noted`() {
        let plan = plan { service in
            service.reportedFlags = declared(service).merging(["quorum": "1"]) { $1 }
        }
        #expect(plan.refusals.map(\.rule) == ["mesos-quorum"])
        #expect(plan.notes.map(\.text).contains { $0.contains("was started with --quorum=2 and reports 1 over REST") })
    }

    @Test func `only flags that differ between their places are shown, defaults are not`() {
        let seen = observed { service in
            service.reportedFlags = declared(service).merging(["quorum": "3", "quiet": "false"]) { $1 }
        }
        let columns = FlagColumns.differing(desired, seen).filter { $0.service == .mesosMaster && $0.node == "m2" }
        let quorum = columns.first { $0.flag == "quorum" }
        #expect(quorum?.declared == "2" && quorum?.running == "3" && quorum?.isReported == true)
        #expect(!columns.contains { $0.flag == "quiet" })
    }
}
