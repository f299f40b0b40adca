import Daemons
import Serving
import Testing

@testable import DaemonHost

@Suite struct DaemonHostTests {
    private func get(_ daemon: ScriptedDaemon, _ path: String) async throws -> HTTPResponse {
        // The daemon may still be binding its port.
        for _ in 0..<200 {
            do throws(HTTPCallFailure) {
                let here = Endpoint("127.0.0.1", daemon.port)
                return try await HTTPCaller().answer(to: HTTPRequest("GET", path), from: here, within: .seconds(10))
            } catch {
                guard case .refused = error else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        throw HTTPCallFailure.timedOut
    }

    @Test func `messages arrive in order, and the end of a peer is told`() async throws {
        let directory = try scratchDirectory()
        let (one, two) = (try ScriptedDaemon(directory: directory), try ScriptedDaemon(directory: directory))
        _ = try await get(two, "/seen")
        _ = try await get(one, "/send/\(two.port)")
        let from = "from scripted@127.0.0.1:\(one.port)"
        let seen = try await two.seen { $0.contains(": 3") }
        let messages = seen.split(separator: "\n").filter { $0.contains("Number") }
        #expect(messages.map(String.init) == (1...3).map { "test.Number \(from): \($0)" })
        #expect(await two.end().status == 0)
        let after = try await one.seen { $0.contains("unreachable") }
        #expect(after.contains("unreachable scripted@127.0.0.1:\(two.port)"))
        _ = await one.end()
    }

    @Test func `a message to a port where nobody listens makes its receiver unreachable`() async throws {
        let daemon = try ScriptedDaemon(directory: try scratchDirectory())
        let port = try freePort()
        _ = try await get(daemon, "/send/\(port)")
        #expect(try await daemon.seen { $0.contains("unreachable") }.contains("unreachable scripted@127.0.0.1:\(port)"))
        _ = await daemon.end()
    }

    @Test func `requests are asked again, forwarded and streamed as the model says`() async throws {
        let directory = try scratchDirectory()
        let (one, two) = (try ScriptedDaemon(directory: directory), try ScriptedDaemon(directory: directory))
        _ = try await get(two, "/wake")
        #expect(try await two.seen { $0.contains("wake") }.contains("wake"))
        #expect(try await get(one, "/patience").text == "attempt 3")
        let forwarded = try await get(one, "/forward/\(two.port)")
        #expect(forwarded.text.contains("wake"))
        #expect(forwarded.headers["X-Via"] == "scripted")
        #expect(try await get(one, "/forward/\(try freePort())").status == 502)
        #expect(try await get(one, "/stream").text == "one two")
        #expect(try await one.seen { $0.contains("closed") }.contains("closed 1"))
        _ = await one.end()
        _ = await two.end()
    }

    @Test func `a port in use ends the daemon`() async throws {
        let daemon = try ScriptedDaemon(directory: try scratchDirectory())
        _ = try await get(daemon, "/seen")
        let journal = try Journal(program: "scripted", form: .glog)
        let host = HostFacts(
            hostname: "here",
            address: "127.0.0.1",
            bootID: "",
            cpus: 1,
            memoryMegabytes: 1,
            diskMegabytes: 1
        )
        let start = DaemonStart(version: "1", arguments: ["\(daemon.port)"], host: host, seed: 1, pid: 1, freePort: 0)
        var effects: [DaemonEffect] = []
        let model = try ScriptedModel(start, at: .now, effects: &effects)
        let (inbox, inputs) = Inbox.make()
        let exit = await DaemonProgram(journal: journal, start: start) { DaemonExit(status: 7, "\($0): \($1)") }
            .live(model, first: [], inbox: inbox, inputs: inputs, containers: Containers(inbox: inbox))
        #expect(exit == DaemonExit(status: 7, "127.0.0.1:\(daemon.port): Address already in use"))
        _ = await daemon.end()
    }
}

@Suite struct ContainerTests {
    private func launch(_ id: String, _ command: String, in directory: String) -> ContainerLaunch {
        ContainerLaunch(
            id: id,
            taskID: "task-\(id)",
            command: command,
            environment: ["GREETING": "hello world"],
            cpus: 0.1,
            memoryMegabytes: 32,
            sandbox: "\(directory)/sandbox-\(id)"
        )
    }

    @Test func `a task runs in its sandbox with its environment, and its status is told`() async throws {
        let directory = try scratchDirectory()
        let daemon = try ScriptedDaemon(directory: directory)
        daemon.containers.carryOut(
            .launch(launch("a", #"echo "$GREETING" in $PWD; echo oops >&2; exit 3"#, in: directory))
        )
        let seen = try await daemon.seen { $0.contains("exited") }
        #expect(seen.contains(#"started(id: "a")"#))
        #expect(seen.contains(#"exited(id: "a", status: 3)"#))
        #expect(contents(of: "\(directory)/sandbox-a/stdout") == "hello world in \(directory)/sandbox-a\n")
        #expect(contents(of: "\(directory)/sandbox-a/stderr") == "oops\n")
        #expect(entries(of: "\(directory)/containers").isEmpty)
        _ = await daemon.end()
    }

    @Test func `a task outlives its agent, which finds it again and learns of its end`() async throws {
        let directory = try scratchDirectory()
        let before = try ScriptedDaemon(directory: directory)
        before.containers.carryOut(.launch(launch("a", "sleep 600 & sleep 600", in: directory)))
        before.containers.carryOut(.launch(launch("b", "sleep 1; exit 4", in: directory)))
        _ = try await before.seen { $0.contains(#"started(id: "a")"#) && $0.contains(#"started(id: "b")"#) }
        _ = await before.end()
        let after = try ScriptedDaemon(directory: directory)
        let recovered = try await after.seen { $0.contains("exited") }
        #expect(recovered.contains(#"recovered(ids: ["a", "b"])"#))
        #expect(recovered.contains(#"exited(id: "b", status: 4)"#))
        after.containers.carryOut(.kill(id: "a", graceMilliseconds: 5000))
        #expect(try await after.seen { $0.contains(#"id: "a", status"#) }.contains(#"exited(id: "a", status: 143)"#))
        _ = await after.end()
    }

    @Test func `a task that ignores SIGTERM is killed after its grace, with all it started`() async throws {
        let directory = try scratchDirectory()
        let daemon = try ScriptedDaemon(directory: directory)
        let command = "trap '' TERM; sleep 600 & echo $! > pid; while :; do sleep 0.1; done"
        daemon.containers.carryOut(.launch(launch("a", command, in: directory)))
        _ = try await daemon.seen { $0.contains("started") && fileExists("\(directory)/sandbox-a/pid") }
        daemon.containers.carryOut(.kill(id: "a", graceMilliseconds: 300))
        #expect(try await daemon.seen { $0.contains("exited") }.contains("status: 137"))
        let child = try #require(contents(of: "\(directory)/sandbox-a/pid")).filter { !$0.isWhitespace }
        #expect(contents(of: "/proc/\(child)/stat").map { $0.contains(") Z") } ?? true)
        _ = await daemon.end()
    }

    @Test func `a command check runs beside its task`() async throws {
        let directory = try scratchDirectory()
        let daemon = try ScriptedDaemon(directory: directory)
        daemon.containers.carryOut(.launch(launch("a", "touch well; sleep 600", in: directory)))
        _ = try await daemon.seen { $0.contains("started") && fileExists("\(directory)/sandbox-a/well") }
        let probes = Probes(containers: daemon.containers)
        func check(_ command: String, _ task: String) async -> String? {
            let here = Endpoint("127.0.0.1", 1)
            return await probes.failure(
                of: HealthProbe(.command(command), at: here, task: task, timeoutMilliseconds: 5000)
            )
        }
        #expect(await check("test -e well", "task-a") == nil)
        #expect(await check("exit 9", "task-a") == "Command returned: exited with status 9")
        #expect(await check("true", "task-b") != nil)
        daemon.containers.carryOut(.kill(id: "a", graceMilliseconds: 5000))
        _ = try await daemon.seen { $0.contains("exited") }
        _ = await daemon.end()
    }

    @Test func `an unknown user is a failure in words`() async throws {
        let directory = try scratchDirectory()
        let daemon = try ScriptedDaemon(directory: directory)
        var launch = launch("a", "true", in: directory)
        launch.user = "nobody-of-this-name"
        daemon.containers.carryOut(.launch(launch))
        #expect(try await daemon.seen { $0.contains("failed") }.contains("nobody-of-this-name"))
        _ = await daemon.end()
    }
}
