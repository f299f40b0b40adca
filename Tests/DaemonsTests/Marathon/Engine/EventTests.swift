import Daemons
import Testing

/// marathon-api.md 1.10.
@Suite struct MarathonEventTests {
    static let accept = [HTTPField("Accept", "text/event-stream")]

    @Test(arguments: ["0.9.2", "0.11.1", "1.4.13", "1.11.24"])
    func `a stream is framed as the release frames it`(_ release: String) throws {
        let world = try World.leading(release)
        let answer = world.ask("GET", "/v2/events", headers: Self.accept)
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/event-stream;charset=utf-8")
        let stream = try #require(answer.header("X-Test-Stream"))
        world.run(for: 20_500)
        let text = world.streams[stream] ?? ""
        let head = release == "0.9.2" ? "data: {" : "event: event_stream_attached\r\ndata: {"
        #expect(text.hasPrefix(head))
        #expect(text.hasSuffix("}\r\n\r\n\r\n\r\n"))
        #expect(world.events(stream).first?["remoteAddress"] == "127.0.0.1")
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `only who accepts exactly this gets a stream`(_ release: String) throws {
        let world = try World.leading(release)
        for accept in ["*/*", "text/event-stream, */*", "text/event-stream;q=1"] {
            let answer = world.ask("GET", "/v2/events", headers: [HTTPField("Accept", accept)])
            #expect(answer.status == 405)
            #expect(answer.text.hasPrefix("<html>"))
        }
    }

    @Test(arguments: ["0.7.6", "0.8.2"])
    func `there is no stream before 0_9`(_ release: String) throws {
        #expect(try World.leading(release).ask("GET", "/v2/events", headers: Self.accept).status == 404)
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `a deployment is told step by step`(_ release: String) throws {
        let world = try World.leading(release)
        let stream = try #require(world.ask("GET", "/v2/events", headers: Self.accept).header("X-Test-Stream"))
        #expect(world.create(["id": "/x", "cmd": "sleep 1", "cpus": 0.1]))
        world.ask("PUT", "/v2/apps/x", ["cmd": "sleep 1"])
        let types = world.events(stream).compactMap { $0["eventType"]?.string }
        let told = types.filter { !$0.hasPrefix("instance_") && $0 != "event_stream_attached" }
        #expect(
            told == [
                "group_change_success", "deployment_info", "deployment_step_success", "deployment_info",
                "api_post_event", "status_update_event", "deployment_step_success", "deployment_success",
                // The update that changes nothing.
                "group_change_success", "deployment_success", "api_post_event",
            ]
        )
        let info = try #require(world.events(stream).first { $0["eventType"] == "deployment_info" })
        #expect(info["currentStep"]?["actions"] == [["action": "StartApplication", "app": "/x"]])
        #expect((info["plan"]?["original"] == nil) == (release == "1.11.24"))
        let status = try #require(world.events(stream).first { $0["eventType"] == "status_update_event" })
        #expect(status["taskStatus"] == "TASK_RUNNING")
        #expect(status["appId"] == "/x")
    }

    @Test func `types can be chosen`() throws {
        let world = try World.leading("1.4.13")
        let path = "/v2/events?event_type=deployment_success&event_type=group_change_success"
        let stream = try #require(world.ask("GET", path, headers: Self.accept).header("X-Test-Stream"))
        #expect(world.create(["id": "/x", "cmd": "sleep 1", "cpus": 0.1]))
        #expect(
            world.events(stream).map { $0["eventType"]?.string } == ["group_change_success", "deployment_success"]
        )
        world.deliver(.streamClosed(id: 1), to: "a")
        world.ask("DELETE", "/v2/apps/x")
        #expect(world.events(stream).count == 2)
    }

    @Test func `a forced change tells that the other deployment has failed`() throws {
        let world = try World.leading("1.4.13")
        let path = "/v2/events?event_type=deployment_failed"
        let stream = try #require(world.ask("GET", path, headers: Self.accept).header("X-Test-Stream"))
        world.ask("POST", "/v2/apps", ["id": "/huge", "cmd": "sleep 1", "cpus": 64])
        let id = world.deployments.first?["id"]
        world.ask("PUT", "/v2/apps/huge?force=true", ["cpus": 0.1])
        #expect(world.events(stream).map { $0["id"] } == [id])
    }
}
