import Daemons
import Testing

extension EndToEnd {
    /// The whole walkthrough from bare systems by one apply, and traffic through its balancers while things go wrong.
    @Suite(.serialized) struct Chapter10LoadBalancer {
        @Test func theWholeWalkthroughIsOneApplyFromBareSystems() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToInstalled()
            let bench = try await WalkthroughBench(bed)
            let apply = try await bench.apply()
            try #require(apply.status == 0, "\(apply)")
            for node in TestbedHarness.nodes {
                let policy = try await bed.on(node, "apt-cache policy mesos")
                #expect(policy.output.contains("http://10.16.40.21/debian bookworm/main"), "\(node): \(policy)")
                #expect(try await bed.held(on: node).contains("mesos"), "\(node)")
                let prompt = try await bed.on(node, "cat /home/erichan/.bashrc && stat -c %U /home/erichan/.bashrc")
                #expect(prompt.output == "export PS1=\"[\\u@\\H \\W] \\$ \"\nerichan\n", "\(node): \(prompt)")
            }
            for app in ["/hello", "/ubuntu", "/nginx"] {
                _ = try await bench.cluster.waitForTasks(app, count: app == "/nginx" ? 3 : 1)
            }
        }

        @Test func everyMastersPort80IsAnsweredByNginxOfAllThreeAgents() async throws {
            let bench = try await WalkthroughBench(try await TestbedHarness())
            try await bench.waitForServers(3)
            for address in TestbedHarness.addresses {
                #expect(try await bench.answering(through: address) == Set(TestbedHarness.agents), "\(address)")
            }
        }

        @Test func theStatisticsWantTheDeclaredCredentialsAndListenOnLoopbackAlone() async throws {
            let bed = try await TestbedHarness()
            for (node, address) in WalkthroughBench.masters {
                let page = "curl -s -m 5 -o /dev/null -w '%{http_code}'"
                #expect(try await bed.on(node, "\(page) http://127.0.0.1:9090/haproxy?stats").output == "401")
                let login = try await bed.on(node, "\(page) -u ops:round-robin 'http://127.0.0.1:9090/haproxy?stats'")
                #expect(login.output == "200", "\(node): \(login)")
                #expect(try await bed.operatorShell("curl -s -m 5 http://\(address):9090/").status != 0, "\(node)")
                let mode = try await bed.on(node, "stat -c %a /etc/haproxy-marathon-bridge/header")
                #expect(mode.output.trimmed == "600", "\(node): \(mode)")
            }
        }

        /// The walkthrough's pictures are pages of Mesos and Marathon: what they show, where the pages have it from.
        @Test func theAgentsTheFrameworkAndTheTasksAreWhatThePagesShow() async throws {
            let bench = try await WalkthroughBench(try await TestbedHarness())
            let agents = try await bench.cluster.agents()
            #expect(agents.compactMap { $0["hostname"]?.string }.sorted() == MesosWitness.agentAddresses)
            let leader = try #require(try await bench.cluster.elected().first)
            let state = try #require(try await bench.cluster.get("http://\(leader):5050/state"))
            let frameworks = state["frameworks"]?.array ?? []
            #expect(frameworks.compactMap { $0["name"]?.string } == ["marathon"])
            // /hello ends every half minute and is started again.
            let known = ["tasks", "completed_tasks"].flatMap { frameworks.first?[$0]?.array ?? [] }
            for (app, count) in [("/hello", 1), ("/ubuntu", 1), ("/nginx", 3)] {
                let tasks = try await bench.cluster.waitForTasks(app, count: count)
                #expect(tasks.allSatisfy { MesosWitness.node(of: $0) != nil }, "\(tasks)")
                let definition = try await bench.cluster.marathon("/v2/apps\(app)")?["app"]
                #expect(definition?["instances"]?.int == count, "\(app)")
                let name = String(app.dropFirst())
                #expect(known.count { $0["name"]?.string == name } >= count, "\(app)")
            }
        }

        @Test func theSecondPlanIsEmpty() async throws {
            try await WalkthroughBench(try await TestbedHarness()).expectNothingToDo()
        }

        @Test func scalingFromThreeToFiveFailsNoRequestAndAllFiveAreServedWithinARefresh() async throws {
            let bed = try await TestbedHarness()
            let bench = try await WalkthroughBench(bed)
            try await bench.edit("apps/nginx.json", #""instances": 3"#, #""instances": 5"#)
            async let requests = bed.operatorShell(
                """
                while [ ! -e \(bed.directory)/stop ]; do
                    for master in 1 2 3; do
                        curl -sSf -m 5 -o /dev/null http://10.16.40.$master/ 2>&1 && echo ok || echo "failed $master"
                    done
                    sleep 0.05
                done
                """
            )
            try await bench.applyAll()
            try await bench.waitForServers(5)
            // What the reload leaves behind is still under load.
            try await Task.sleep(for: .seconds(2))
            try bed.write("", to: "\(bed.directory)/stop")
            let lines = try await requests.output.split(separator: "\n")
            #expect(lines.count > 100, "\(lines.count) requests prove little")
            #expect(lines.allSatisfy { $0 == "ok" }, "\(lines.filter { $0 != "ok" })")
        }

        @Test func withoutAnswersOfMarathonTheConfigurationStaysAsItIsAndRequestsAreAnswered() async throws {
            let bed = try await TestbedHarness()
            let bench = try await WalkthroughBench(bed)
            let masters = TestbedHarness.masters
            try await bed.on(masters[0], "systemctl stop marathon")
            try await Self.expectKept(bench, on: [masters[0]], "one Marathon stopped")
            for node in masters { try await bed.on(node, "systemctl stop marathon") }
            try await Self.expectKept(bench, on: masters, "every Marathon stopped")
            for node in masters { try await bed.on(node, Self.garbage) }
            try await Self.expectKept(bench, on: masters, "garbage on port 8080")
            for node in masters { try await bed.on(node, "systemctl stop garbage; systemctl start marathon") }
            try await bench.cluster.waitForMarathon()
            _ = try await bench.cluster.waitForTasks("/nginx", count: 5)
            try await bench.waitForServers(5)
        }

        /// Masters whose own Marathon answers are left out: /hello moves on every half minute.
        private static func expectKept(_ bench: WalkthroughBench, on masters: [String], _ words: String) async throws {
            let before = try await bench.configurations(of: masters)
            for master in masters {
                try await bench.refresh(master)
                #expect(try await bench.servers("nginx", on: master) == 5, "\(words): \(master)")
            }
            #expect(try await bench.configurations(of: masters) == before, "\(words)")
            try await bench.expectAnswers(words)
        }

        /// Something on Marathon's port that answers everything with a page of its own.
        private static let garbage = #"""
            systemd-run --quiet --collect --unit=garbage perl -MIO::Socket::INET -e '
                $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1) or die;
                while ($client = $server->accept) {
                    while (<$client>) { last if /^\r?$/ }
                    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>{garbage";
                    close $client;
                }'
            """#

        @Test func aDeletedCronFileIsToldAndPutBack() async throws {
            let bed = try await TestbedHarness()
            let bench = try await WalkthroughBench(bed)
            try await bench.edit("apps/nginx.json", #""instances": 3"#, #""instances": 5"#)
            try await bed.on("mesos-master2", "mv \(WalkthroughBench.Words.cronFile) /root/cron")
            let plan = try await bench.plan("--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains(WalkthroughBench.Words.cronFile), "\(plan)")
            try await bench.applyAll()
            #expect(try await bed.on("mesos-master2", "cmp \(WalkthroughBench.Words.cronFile) /root/cron").status == 0)
        }

        @Test func aHandEditOfTheConfigurationIsAStep() async throws {
            let bed = try await TestbedHarness()
            let bench = try await WalkthroughBench(bed)
            try await bench.edit("apps/nginx.json", #""instances": 3"#, #""instances": 5"#)
            try await Self.waitForARefresh(bed, on: "mesos-master3")
            try await bed.on("mesos-master3", "sed -i 's/leastconn/roundrobin/' /etc/haproxy/haproxy.cfg")
            // A younger file may be the bridge's own work.
            try await Task.sleep(for: .seconds(31))
            let plan = try await bench.plan("--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains(WalkthroughBench.Words.configuration), "\(plan)")
            try await bench.applyAll()
            let after = try await bed.on("mesos-master3", "grep -c roundrobin /etc/haproxy/haproxy.cfg")
            #expect(after.output.trimmed == "0", "\(after)")
            #expect(try await bench.servers("nginx", on: "mesos-master3") == 5)
            try await bench.expectNothingToDo()
        }

        /// Until cron has just refreshed, so that nothing mends what is broken in the next minute.
        private static func waitForARefresh(_ bed: TestbedHarness, on node: String) async throws {
            let ran = "stat -c %Y /var/lib/haproxy-marathon-bridge/last-run"
            let last = try await bed.on(node, ran).output
            try await bed.wait(70, for: "a refresh on \(node)") { try await bed.on(node, ran).output != last }
        }
    }
}
