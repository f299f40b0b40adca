import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct ImageViewTests {
    @Test(arguments: [("mixed", ImagePlans.mixed), ("built", ImagePlans.built)])
    func readsAsTheGoldenFileSays(name: String, plan: Plan) throws {
        try expectGolden(PlanView(plan).text, "plan-image-\(name).txt")
        try expectGolden(PlanDocument(plan).json, "plan-image-\(name).json")
    }

    @Test func saysWhatIsSentAndWhatIsDoneWhenVerbose() throws {
        try expectGolden(PlanView(ImagePlans.mixed, isVerbose: true).text, "plan-image-mixed-verbose.txt")
    }

    @Test func theTotalIsTheSumOfWhatEachNodeIsSent() {
        let summary = ImageSummary(ImagePlans.mixed)
        #expect(summary.bytes == summary.bytesByNode.values.reduce(0, +) && summary.bytes == 263_200_000)
        #expect(summary.words == "263 MB to 2 nodes")
        #expect(ImageSummary(ImagePlans.built).words == "size not known to 2 nodes, 1 node pulling from a registry")
    }

    /// Text from nodes and origins must not move the cursor.
    @Test func wordsOfAnEngineAreShownSpeltOut() {
        var plan = ImagePlans.built
        plan.blocked[0].because = "Cannot connect\u{1B}[2J\nPlan: 0 to add"
        #expect(!PlanView(plan).text.contains("\u{1B}"))
    }

    @Test func aTransferIsALineATenthAndOneDocumentAnEvent() {
        var lines = RunEventLines(total: 3)
        let told = (0...100).compactMap { percent in
            let progress = TransferProgress(done: percent * 1_000_000, total: 100_000_000)
            return lines.line(
                for: .transfer(id: 2, node: "a1", progress, bytesPerSecond: percent == 0 ? nil : 11_200_000)
            )
        }
        #expect(told.count == 11)
        #expect(told.first == "[2/3] a1: 0 bytes of 100 MB" && told[5] == "[2/3] a1: 50 MB of 100 MB, 11 MB/s")
        let event = RunEvent.transfer(
            id: 2,
            node: nil,
            TransferProgress(done: 5, total: 10),
            bytesPerSecond: .infinity
        )
        #expect(
            RunEventDocument(event).jsonLine
                == #"{"bytes":5,"bytesPerSecond":0,"formatVersion":1,"step":2,"totalBytes":10,"type":"transfer"}"#
        )
        #expect(lines.line(for: event) == "[2/3] 5 bytes of 10 bytes")
    }

    @Test func enginesAndOriginsAreObserved() throws {
        var node = ObservedNode(name: "a1", platform: .unknown("not asked"))
        node.dockerEngine = .found("20.10.24")
        var observed = ObservedCluster(nodes: ["a1": .answered(node)])
        #expect(ObservedView(observed, cluster: "east").text.contains("docker     engine 20.10.24 answers\n"))
        node.engine = .found(
            ObservedEngine(
                version: "20.10.24",
                storageDriver: "overlay2",
                freeBytes: 14_000_000_000,
                images: [
                    HeldImage(id: "sha256:3f1c2aa0", references: ["nginx:1"], layers: ["sha256:a"], bytes: 5_000_000)
                ],
                used: ["sha256:3f1c2aa0"],
                stagedBytes: 12_000_000
            )
        )
        observed = ObservedCluster(
            nodes: ["a1": .answered(node)],
            images: [
                "nginx:1": SourceLook(image: .found(SourceImage(id: "sha256:9b2d0010", bytes: 6_000_000))),
                "web:1": SourceLook(image: .absent), "x:1": SourceLook(image: .unknown("no route\nto host")),
            ]
        )
        let text = ObservedView(observed, cluster: "east", isVerbose: true).text
        let docker = "docker     engine 20.10.24 answers, overlay2, 1 image, 14 GB free, 12 MB left by an earlier run\n"
        #expect(text.contains(docker))
        #expect(text.contains("image      nginx:1   3f1c2aa, 1 layer, 5 MB, used\n"))
        #expect(text.contains("origin     nginx:1   9b2d001, 0 layers, 6 MB\n"))
        #expect(text.contains("origin     web:1   not there\n"))
        #expect(text.contains("?          origin of x:1: no route to host\n"))
        let document = ObservedDocument(observed, cluster: "east")
        #expect(document.nodes[0].engine?.value?.images.first?.used == true)
        #expect(document.images?["x:1"]?.image.state == "unknown")
        #expect(document.images?["nginx:1"]?.image.value?.id == "sha256:9b2d0010")
    }
}
