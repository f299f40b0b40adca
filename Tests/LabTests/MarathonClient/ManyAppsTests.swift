import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Thousands of apps", .timeLimit(.minutes(20)))
struct ManyAppsTests {
    /// As people write them: relative to nothing, with what differs from one to the next.
    private static func definition(_ number: Int) -> AppValue {
        [
            "id": .text(Content("/team-\(number % 50)/service-\(number)")), "cmd": "exec ./service --port $PORT0",
            "cpus": 0.1, "mem": 64, "instances": 0, "env": ["SHARD": .text(Content("\(number)"))],
            "constraints": [["hostname", "GROUP_BY"]], "ports": [0],
            "healthChecks": [["protocol": "TCP", "portIndex": 0, "gracePeriodSeconds": 60]],
        ]
    }

    private static func json(_ value: AppValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let number): "\(number)"
        case .text(let content): "\"\(content.shown)\""
        case .list(let items): "[\(items.map(json).joined(separator: ","))]"
        case .object(let members): "{\(members.map { "\"\($0.key)\":\(json($0.value))" }.joined(separator: ","))}"
        }
    }

    @Test(arguments: [("0.8.2", 2000), ("1.11.24", 10_000)])
    func `that are as declared are planned in a few requests, and none of them is a write`(
        release: String,
        count: Int
    ) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client()
        let definitions = (0..<count).map(Self.definition)
        let endpoint = try #require(MarathonClient.Reach(cluster.spec)?.endpoints.first)
        try await cluster.run {
            for start in stride(from: 0, to: count, by: 2000) {
                let body = "[\(definitions[start..<start + 2000].map(Self.json).joined(separator: ","))]"
                let request = RESTRequest(
                    .put,
                    "/v2/apps",
                    headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)
                )
                let answer = try await cluster.lab.transport().send(request, to: endpoint)
                #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
                let isOver = try await cluster.wait { try await client.deployments().isEmpty }
                #expect(isOver)
            }
            cluster.log.clear()
            let desired = desiredApps(
                Dictionary(uniqueKeysWithValues: definitions.map { ($0["id"]?.plainText ?? "", $0) })
            )
            let seen = await client.observe(desired)
            #expect(seen.value?.apps.count == count)
            let plan = Plan(
                desired: DesiredCluster(name: "many", nodes: [], leaseHolders: [], apps: desired),
                observed: ObservedCluster(nodes: [:], marathon: seen),
                source: Plan.Source(file: "cluster.yaml")
            )
            #expect(plan.isEmpty, "\(plan.steps.count) steps, \(plan.blocked.first?.because ?? "nothing blocked")")
            #expect(cluster.log.writes == [])
            #expect(cluster.log.all.count <= 4, "\(cluster.log.all)")
        }
    }
}
