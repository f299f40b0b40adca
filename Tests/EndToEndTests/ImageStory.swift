import Daemons
import Testing

extension EndToEnd {
    /// Images come to the agents by themselves, once, before the apps that run them.
    @Suite(.serialized) struct Chapter9Images {
        static let ubuntu = "libmesos/ubuntu"
        static let nginx = "feuyeux/nginx"

        @Test func applyBringsTheWalkthroughsImagesAndItsAppsRunInContainers() async throws {
            let bed = try await TestbedHarness()
            try await bed.bed("image-host", "reset")
            try await bed.resetToConverged()
            let bench = try await Self.walkthrough(bed)
            let apply = try await bench.apply()
            try #require(apply.status == 0, "\(apply)")
            for image in [Self.ubuntu, Self.nginx] {
                try await bench.expectEverywhere(image, on: TestbedHarness.agents)
                try await bed.wait(90, for: "a container of \(image)") {
                    try await bench.running(image).count == 1
                }
            }
            let task = try #require(try await bench.cluster.waitForTasks("/nginx", count: 1).first)
            let host = try #require(task["host"]?.string)
            let port = try #require(task["ports"]?.array?.first?.int)
            try await bed.wait(30, for: "nginx to answer") {
                try await bed.operatorShell("curl -sS -m 2 http://\(host):\(port)/").output.contains("It works")
            }
            try await bench.expectNothingStaged()
        }

        @Test func theSecondApplyMovesNothing() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.walkthrough(bed)
            let before = try await bench.traffic(ImageBench.source).sent
            try await bench.expectNothingToDo()
            let apply = try await bench.apply()
            #expect(apply.status == 0, "\(apply)")
            #expect(apply.output.contains("No changes."), "\(apply)")
            #expect(try await bench.traffic(ImageBench.source).sent - before < 1 << 20)
        }

        @Test func anImageRemovedByHandIsBroughtToThatNodeAloneAndBeforeTheAppChanges() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.walkthrough(bed)
            let busy = try #require(try await bench.running(Self.ubuntu).first)
            let node = try #require(TestbedHarness.agents.first { $0 != busy })
            let removed = try await bed.on(node, "docker rmi -f \(Self.ubuntu)")
            try #require(removed.status == 0, "\(removed)")
            #expect(try await bench.planned(Self.ubuntu) == [[node]])
            #expect(try await bench.planned(Self.nginx) == [])

            let app = try await TestbedHarness.run("/bin/cat", ["\(bed.directory)/apps/ubuntu.json"]).output
            let changed = app.split(separator: #""cpus": 0.5"#, omittingEmptySubsequences: false)
            try #require(changed.count == 2)
            try bed.write(changed.joined(separator: #""cpus": 0.4"#), to: "\(bed.directory)/apps/ubuntu.json")
            let (result, events) = try await bench.applyTelling()
            #expect(result.status == 0, "\(result)")
            let brought = try #require(events.place(of: "stepEnded", Self.ubuntu), "\(result)")
            let put = try #require(events.place(of: "stepStarted", "app /ubuntu"), "\(result)")
            #expect(brought < put)
            try await bench.expectEverywhere(Self.ubuntu, on: TestbedHarness.agents)
            try await bench.expectNothingStaged()
        }

        private static func walkthrough(_ bed: TestbedHarness) async throws -> ImageBench {
            let host = ImageBench.source
            let bench = try await ImageBench(
                bed,
                "\(ubuntu): {from: \(host), to: agents}",
                "\(nginx): {from: \(host), build: images/nginx, to: agents}",
                apps: ["ubuntu.json", "nginx.json"]
            )
            try await bench.cluster.waitForMarathon()
            return bench
        }
    }
}
