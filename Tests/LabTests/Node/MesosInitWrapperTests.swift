import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// The cases of labs/mesos-init-wrapper.txt, where the real wrapper was run on files like these.
@Suite struct MesosInitWrapperTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var service: ServiceName = .mesosMaster
        /// Files to write (nil: to remove) over what the package ships.
        var files: [(String, String?)] = []
        var links: [(String, String)] = []
        /// nil: the wrapper ends with status 1.
        var flags: [String]?
        var environment: [String: String] = [:]
        var testDescription: String { name }
    }

    static let zk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/mesos"
    static let seedFiles: [(String, String?)] = [
        ("/etc/mesos-master/hostname", "10.16.40.1\n"), ("/etc/mesos-master/ip", "10.16.40.1\n"),
        ("/etc/mesos-master/quorum", "2\n"),
    ]
    static let agentFiles: [(String, String?)] = [
        ("/etc/mesos-slave/work_dir", nil), ("/etc/mesos-slave/containerizers", "docker,mesos\n"),
        ("/etc/mesos-slave/executor_registration_timeout", "5mins\n"),
        ("/etc/mesos-slave/resources/cpus", "8\n"), ("/etc/mesos-slave/resources/ports", "[31000-32000]\n"),
    ]
    static let head = ["--zk=\(zk)", "--port=5050", "--log_dir=/var/log/mesos"]
    static let agentHead = ["--master=\(zk)", "--log_dir=/var/log/mesos"]
    static let addresses = ["--hostname=10.16.40.1", "--ip=10.16.40.1"]

    static let cases = [
        Case(
            name: "1 defaults as installed",
            flags: head + ["--quorum=1", "--work_dir=/var/lib/mesos"],
            environment: ["LOGS": "/var/log/mesos", "PORT": "5050", "ZK": zk]
        ),
        Case(
            name: "2 booleans, stray files, a directory, a dotfile and an empty file",
            files: seedFiles + [
                ("/etc/mesos-master/?no-hostname_lookup", ""), ("/etc/mesos-master/?quiet", "ignored"),
                ("/etc/mesos-master/cluster", ""), ("/etc/mesos-master/quorum.bak", "3\n"),
                ("/etc/mesos-master/quorum~", "2\n"), ("/etc/mesos-master/roles", "a b\nc\n\n"),
                ("/etc/mesos-master/directory/inner", "x\n"), ("/etc/mesos-master/.dotfile", "x\n"),
            ],
            flags: head + ["--no-hostname_lookup", "--quiet", "--cluster="] + addresses
                + ["--quorum=2", "--quorum.bak=3", "--quorum~=2", "--roles=a b\nc", "--work_dir=/var/lib/mesos"]
        ),
        Case(
            name: "3 the same flag in a file and in /etc/default is given twice",
            files: seedFiles + [("/etc/mesos-master/log_dir", "/data/log\n"), ("/etc/mesos-master/port", "5050\n")],
            flags: head + addresses
                + ["--log_dir=/data/log", "--port=5050", "--quorum=2", "--work_dir=/var/lib/mesos"]
        ),
        Case(
            name: "4 an exported variable beside a file",
            files: seedFiles + [
                ("/etc/default/mesos-master", "PORT=5050\nZK=`cat /etc/mesos/zk`\nexport MESOS_QUORUM=3\n")
            ],
            flags: head + addresses + ["--quorum=2", "--work_dir=/var/lib/mesos"],
            environment: ["MESOS_QUORUM": "3", "PORT": "5050"]
        ),
        Case(name: "5 without /etc/mesos/zk", files: [("/etc/mesos/zk", nil)]),
        Case(
            name: "6 attributes and resources in directories",
            service: .mesosAgent,
            files: agentFiles + [
                ("/etc/mesos-slave/attributes/disk", "ssd\n"), ("/etc/mesos-slave/attributes/rack", "rack1\n"),
                ("/etc/mesos-slave/attributes/empty", ""),
            ],
            flags: agentHead + [
                "--containerizers=docker,mesos", "--executor_registration_timeout=5mins",
                "--attributes=disk:ssd;rack:rack1", "--resources=cpus:8;ports:[31000-32000]",
            ],
            environment: ["MASTER": zk]
        ),
        Case(
            name: "7 a file called attributes is a flag like any other",
            service: .mesosAgent,
            files: agentFiles + [("/etc/mesos-slave/attributes", "rack:1;zone:a\n")],
            flags: agentHead + [
                "--attributes=rack:1;zone:a", "--containerizers=docker,mesos",
                "--executor_registration_timeout=5mins", "--resources=cpus:8;ports:[31000-32000]",
            ]
        ),
        Case(
            name: "8 ?no-logger is not passed on",
            files: [("/etc/mesos-master/?no-logger", "")],
            flags: head + ["--quorum=1", "--work_dir=/var/lib/mesos"]
        ),
        Case(
            name: "9 an empty directory",
            files: [("/etc/mesos-master/quorum", nil), ("/etc/mesos-master/work_dir", nil)],
            flags: head
        ),
        Case(
            name: "10 a dangling link is skipped",
            files: seedFiles,
            links: [("/etc/mesos-master/dangling", "/nowhere"), ("/etc/mesos-master/linked", "/etc/mesos-master/ip")],
            flags: head + addresses + ["--linked=10.16.40.1", "--quorum=2", "--work_dir=/var/lib/mesos"]
        ),
        Case(name: "11 a command that fails in /etc/default", files: [("/etc/default/mesos", "LOGS=/x\nfalse\n")]),
        Case(
            name: "quotes, comments and other variables in /etc/default",
            files: [
                (
                    "/etc/default/mesos",
                    "# comment\nBASE='/var'\nLOGS=\"$BASE/log dir\" # why\nexport MESOS_QUIET=${NONE:-1}; IP=\n"
                )
            ],
            flags: ["--zk=\(zk)", "--port=5050", "--log_dir=/var/log dir", "--quorum=1", "--work_dir=/var/lib/mesos"],
            environment: ["MESOS_QUIET": "1"]
        ),
        Case(name: "an unset variable ends it", files: [("/etc/default/mesos", "LOGS=$NONE/log\n")]),
    ]

    @Test(arguments: cases)
    func `flags are made of files as the real wrapper makes them`(_ row: Case) throws {
        var node = try #require(LabNode.sample(.debian12, installing: ["mesos"]))
        node.files.write("/etc/mesos/zk", Self.zk + "\n", at: .sample)
        for (path, text) in row.files {
            if let text { node.files.write(path, text, at: .sample) } else { node.files.remove(path, at: .sample) }
        }
        for (path, target) in row.links { node.files.link(path, to: target, at: .sample) }
        let result = node.perform(.service(.startUnit(row.service)), run: .sample, at: .sample)
        let process = node.processes.first
        #expect(process?.arguments == row.flags)
        for (name, value) in row.environment { #expect(process?.environment[name] == value) }
        if row.flags == nil {
            guard case .failed(let reason) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(reason.contains("restarting"))
        } else {
            #expect(process?.commandLine.first == "/usr/sbin/\(row.service)")
        }
    }

    @Test func `before allexport only what is exported reaches the daemon`() throws {
        var node = try #require(LabNode.sample(.ubuntu14, installing: []))
        node.install("mesos", version: "0.21.1-1.1.ubuntu1404", at: .sample)
        node.files.write("/etc/default/mesos", "MESOS_A=1\nexport MESOS_B=2\n", at: .sample)
        _ = node.perform(.service(.startJob(.mesosAgent)), run: .sample, at: .sample)
        let process = try #require(node.processes.first)
        #expect(process.version == "0.21.1")
        #expect((process.environment["MESOS_A"], process.environment["MESOS_B"]) == (nil, "2"))
    }
}
