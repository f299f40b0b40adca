import Testing

@testable import Daemons

/// One master with very many agents, whose part is played here.
@Suite struct MesosScaleTests {
    private struct Driver {
        var master: MesosMaster
        var now = Moment(milliseconds: 1_795_353_270_000)
        var sent: [DaemonMessage] = []

        init() throws {
            var effects: [DaemonEffect] = []
            let start = DaemonStart(
                version: "1.11.0",
                arguments: ["--work_dir=/w"],
                host: MesosCluster.facts("m1"),
                seed: 1,
                pid: 1,
                freePort: 1
            )
            master = try MesosMaster(start, at: now, effects: &effects)
        }

        mutating func hand(_ event: DaemonEvent) {
            var effects: [DaemonEffect] = []
            master.receive(event, at: now, effects: &effects)
            for case .send(let message) in effects { sent.append(message) }
        }

        mutating func tell(_ message: some MesosMessage, from process: ProcessID) {
            hand(.message(DaemonMessage(from: process, to: master.pid, message)))
        }

        mutating func run(milliseconds: Int) {
            let end = now + milliseconds
            while let wakes = master.wakes, wakes <= end {
                now = max(now, wakes)
                hand(.wake)
            }
            now = end
        }

        mutating func take<Message: MesosMessage>(_ type: Message.Type) -> [Message] {
            let found = sent.compactMap { $0.read(as: type) }
            sent = []
            return found
        }
    }

    @Test func `a thousand agents and ten thousand tasks take a moment`() throws {
        var driver = try Driver()
        driver.run(milliseconds: 2000)
        for number in 0..<1000 {
            let agent = Mesos.AgentInfo(
                id: "",
                hostname: "a\(number)",
                port: 5051,
                resources: Mesos.Resources(cpus: 16, mem: 65_536, disk: 100_000, ports: [31_000...32_000]),
                attributes: [],
                checkpoint: true,
                domain: nil
            )
            let process = ProcessID("slave(1)", at: Endpoint("10.1.\(number / 250).\(number % 250)", 5051))
            driver.tell(Mesos.RegisterAgent(agent: agent, version: "1.11.0"), from: process)
            driver.run(milliseconds: 1)
        }
        driver.run(milliseconds: 50)
        #expect(driver.master.agents.count == 1000)
        driver.tell(Mesos.RegisterFramework(framework: MesosCluster.framework), from: MesosCluster.scheduler)
        driver.run(milliseconds: 2000)
        let id = try #require(driver.master.frameworks.keys.first)
        let offers = driver.take(Mesos.ResourceOffers.self).flatMap(\.offers)
        #expect(offers.count == 1000)
        for offer in offers {
            let tasks = (0..<10).map { number in
                Mesos.TaskInfo(
                    taskID: "\(offer.agentID).\(number)",
                    name: "t",
                    agentID: offer.agentID,
                    command: Mesos.CommandInfo(value: "true"),
                    resources: Mesos.Resources(cpus: 0.5, mem: 64, ports: [31_000 + number...31_000 + number])
                )
            }
            let launch = Mesos.LaunchTasks(frameworkID: id, offerIDs: [offer.id], tasks: tasks, refuseSeconds: 3600)
            driver.tell(launch, from: MesosCluster.scheduler)
        }
        for message in driver.sent {
            guard let run = message.read(as: Mesos.RunTask.self) else { continue }
            let status = Mesos.TaskStatus(
                taskID: run.task.taskID,
                state: .running,
                agentID: run.task.agentID,
                timestamp: driver.now.seconds,
                uuid: "u"
            )
            driver.tell(Mesos.StatusUpdate(frameworkID: id, status: status), from: message.to)
        }
        driver.sent = []
        #expect(driver.master.frameworks[id]?.tasks.values.filter { $0.state == .running }.count == 10_000)
        driver.run(milliseconds: 14_000)
        var ignored: [DaemonEffect] = []
        let request = HTTPRequest("GET", "/metrics/snapshot")
        let answer = driver.master.answer(request, at: driver.now, effects: &ignored)
        guard case .response(let response) = answer else { return }
        #expect(try JSON(parsing: response.body)["master/tasks_running"] == 10_000.0)
    }
}
