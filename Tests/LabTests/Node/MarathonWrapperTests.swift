import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite struct MarathonWrapperTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var version: String
        var files: [(String, String)]
        var arguments: [String] = []
        /// Of `MARATHON_…` variables.
        var environment: [String: String] = [:]
        var testDescription: String { name }
    }

    static let zk = "zk://10.16.40.1:2181,10.16.40.2:2181/mesos"
    static let derived = ["--zk", "zk://10.16.40.1:2181,10.16.40.2:2181/marathon", "--master", zk]

    static let cases = [
        Case(
            name: "0.8.2: files as words, what is missing from /etc/mesos/zk",
            version: "0.8.2-1.0.167.ubuntu1404",
            files: [
                ("/etc/marathon/conf/hostname", "10.16.40.1\n"), ("/etc/marathon/conf/?ha", ""),
                ("/etc/marathon/conf/deep/flag", "v\n"), ("/etc/marathon/conf/.hidden", "x"),
            ],
            arguments: ["--ha", "--deep/flag", "v", "--hostname", "10.16.40.1"] + derived
        ),
        Case(
            name: "0.8.2: any flag that begins with --zk keeps the default out",
            version: "0.8.2-1.0.167.ubuntu1404",
            files: [("/etc/marathon/conf/zk_timeout", "10000\n")],
            arguments: ["--zk_timeout", "10000", "--master", zk]
        ),
        Case(
            name: "0.8.2: only exported variables, and words of them",
            version: "0.8.2-1.0.167.ubuntu1404",
            files: [("/etc/default/marathon", "MARATHON_A=1\nexport MARATHON_HTTP_PORT='8080 x'\n")],
            arguments: ["--http_port", "8080", "x"] + derived,
            environment: ["MARATHON_HTTP_PORT": "8080 x"]
        ),
        Case(
            name: "0.7.6: /etc/default/marathon is not read yet",
            version: "0.7.6-1.0",
            files: [("/etc/default/marathon", "export MARATHON_HTTP_PORT=8080\n")],
            arguments: derived
        ),
        Case(
            name: "1.4: collected options travel as variables",
            version: "1.4.13-1.0.671.ubuntu1404",
            files: [
                ("/etc/marathon/conf/zk_timeout", "10000\n"), ("/etc/marathon/conf/?disable_ha", ""),
                ("/etc/default/marathon", "MARATHON_HTTP_PORT=8081\nMARATHON_APP_ID=/x\n"),
            ],
            environment: [
                "MARATHON_CMD_ZK_TIMEOUT": "10000", "MARATHON_CMD_DISABLE_HA": "",
                "MARATHON_CMD_HTTP_PORT": "8081", "MARATHON_HTTP_PORT": "8081", "MARATHON_APP_ID": "/x",
                "MARATHON_CMD_ZK": derived[1], "MARATHON_CMD_MASTER": zk,
            ]
        ),
    ]

    @Test(arguments: cases)
    func `options are collected as each version's wrapper does it`(_ row: Case) throws {
        var node = try #require(LabNode.sample(.ubuntu14, installing: []))
        node.install("marathon", version: row.version, at: .sample)
        node.files.write("/etc/mesos/zk", Self.zk + "\n", at: .sample)
        for (path, text) in row.files { node.files.write(path, text, at: .sample) }
        #expect(node.act(.startJob(.marathon)).isDone)
        let process = try #require(node.processes.first)
        #expect(process.arguments == row.arguments)
        #expect(process.environment.filter { $0.key.hasPrefix("MARATHON_") } == row.environment)
        #expect(process.commandLine.first == "java")
        #expect(process.commandLine.suffix(row.arguments.count + 1) == ["mesosphere.marathon.Main"] + row.arguments)
    }

    @Test func `from 1_5 on the environment file alone counts`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["marathon"]))
        node.files.write("/etc/mesos/zk", Self.zk + "\n", at: .sample)
        node.files.write("/etc/marathon/conf/http_port", "1\n", at: .sample)
        let text = "# c\n; d\nMARATHON_ZK=\"zk://a:2181/marathon\"\nMARATHON_HA=\nexport MARATHON_X=1\n"
        node.files.write("/etc/default/marathon", text, at: .sample)
        #expect(node.act(.startUnit(.marathon)).isDone)
        let process = try #require(node.processes.first)
        let variables = process.environment.filter { $0.key.hasPrefix("MARATHON_") }
        #expect(variables == ["MARATHON_ZK": "zk://a:2181/marathon", "MARATHON_HA": ""])
        #expect(process.arguments.isEmpty)
    }

    @Test func `from 1_5 on it does not start without its environment file`() throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["marathon"]))
        node.files.remove("/etc/default/marathon", at: .sample)
        #expect(node.act(.startUnit(.marathon)).trouble?.contains("left marathon restarting") ?? false)
    }
}
