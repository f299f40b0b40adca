import Glibc
import Testing

@testable import Specs

@Suite(.serialized) struct HostileFileTests {
    /// Name, file name, content, a part of the message.
    static let files: [(String, String, @Sendable () -> [UInt8], String)] = [
        ("billion laughs", "cluster.yaml", { Array(laughs(of: "[", "]").utf8) }, "counting what aliases repeat"),
        ("merged laughs", "cluster.yaml", { Array(mergedLaughs().utf8) }, "counting what aliases repeat"),
        ("10 MB", "cluster.yaml", { Array(repeating: 0x61, count: 10_000_000) }, "at most 2097152 are read"),
        ("10,000 lists", "cluster.yaml", { Array(repeating: 0x5B, count: 10_000) }, "nested more than 64 deep"),
        (
            "10,000 dashes", "cluster.yaml", { Array(String(repeating: "- ", count: 10_000).utf8) },
            "nested more than 64"
        ),
        (
            "10,000 mappings", "cluster.yaml", { Array(String(repeating: "{a: ", count: 10_000).utf8) },
            "more than 64 deep"
        ),
        ("indented mappings", "cluster.yaml", { Array(stairs().utf8) }, "nested more than 64 deep"),
        ("10,000 lists of JSON", "cluster.json", { Array(repeating: 0x5B, count: 10_000) }, "nested more than 64 deep"),
        ("10,000 objects", "cluster.json", { Array(String(repeating: "{\"a\":", count: 10_000).utf8) }, "64 deep"),
        (
            "200,000 keys", "cluster.yaml", { Array((0..<200_000).map { "k\($0): 1\n" }.joined().utf8) },
            "more than 100000"
        ),
        ("500,000 numbers", "cluster.json", { Array(("[" + String(repeating: "1,", count: 500_000)).utf8) }, "100000"),
        (
            "one duplicate key", "cluster.yaml", { Array(String(repeating: "a: 1\n", count: 40_000).utf8) },
            "duplicate key"
        ),
        (
            "one long text", "cluster.json", { Array(("\"" + String(repeating: "x", count: 2_000_000)).utf8) },
            "closing quote"
        ),
        ("one long word", "cluster.yaml", { Array(repeating: 0x61, count: 2_000_000) }, "must be a mapping"),
        ("open quotes", "cluster.yaml", { Array(String(repeating: "\"", count: 100_001).utf8) }, ""),
        (
            "open variables", "cluster.yaml",
            { Array(("cluster: " + String(repeating: "${var:x", count: 100_000)).utf8) }, "closing brace"
        ),
        ("undefined variables", "cluster.yaml", { Array(undefined().utf8) }, "`vars` has no"),
        ("swelling variables", "cluster.yaml", { Array(swelling().utf8) }, "make the file too long"),
        ("escaped variables", "cluster.yaml", { Array(escaped().utf8) }, "`vars` has no"),
        ("unknown keys", "cluster.yaml", { Array((0..<40_000).map { "key\($0): 1\n" }.joined().utf8) }, "unknown key"),
        ("unknown aliases", "cluster.yaml", { Array(aliases().utf8) }, "no anchor"),
        ("empty nodes", "cluster.yaml", { Array(nodes("{}").utf8) }, "lacks `address`"),
        ("nodes with one address", "cluster.yaml", { Array(nodes("{address: 10.0.0.1}").utf8) }, "belongs to"),
        ("flags of all kinds", "cluster.yaml", { Array(flags().utf8) }, "lacks `quorum`"),
        ("a chain of apps", "cluster.yaml", { Array("version: 1\napps: [chain.json]\n".utf8) }, "→ … →"),
        ("a deep id", "cluster.yaml", { Array("version: 1\napps: [deep.json]\n".utf8) }, "at most 1024"),
        ("zeros", "cluster.yaml", { Array(repeating: 0, count: 1_000_000) }, "NUL"),
        ("noise", "cluster.yaml", { (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) } }, ""),
    ]

    @Test(arguments: files.indices) func failsSoonWithAClearMessage(index: Int) throws {
        let (name, file, content, problem) = Self.files[index]
        var source = MemorySource([:])
        source.files[file] = content()
        source.files["chain.json"] = Array(Self.chain().utf8)
        source.files["deep.json"] = Array(
            "{\"id\": \"\(String(repeating: "/a", count: 500_000))\", \"cmd\": \"x\"}".utf8
        )
        var reading: SpecReading?
        // Of the processor's time, since other tests share the machine; the best of three, since they share its caches.
        var spent = Duration.seconds(60)
        for _ in 0..<3 where spent >= Self.limit {
            let began = Self.processorTime()
            reading = SpecReader.read(file, from: source)
            spent = min(spent, Self.processorTime() - began)
        }
        let errors = try #require(reading).errors
        #expect(errors.contains { problem.isEmpty || $0.message.contains(problem) }, "\(name): \(errors.prefix(3))")
        #expect(errors.allSatisfy { $0.description.utf8.count < 500 })
        #expect(spent < Self.limit, "\(name): \(spent)")
    }

    /// The product's own limit is a second on an idle machine, where the worst of these takes 0.8 s in a debug build; tests
    /// share theirs, and processor time itself grows by half when both cores are busy.
    private static let limit = Duration.seconds(3)

    /// What this thread has used so far.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func laughs(of open: String, _ close: String) -> String {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let parts = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) \(open)\(parts)\(close)\n"
        }
        return text
    }

    private static func mergedLaughs() -> String {
        var text = "m0: &m0 {" + (0..<50).map { "k\($0): v" }.joined(separator: ", ") + "}\n"
        for level in 1...12 {
            let parts = Array(repeating: "*m\(level - 1)", count: 9).joined(separator: ", ")
            text += "m\(level): &m\(level) {<<: [\(parts)]}\n"
        }
        return text
    }

    private static func undefined() -> String {
        "cluster: \"" + (0..<20_000).map { "${var:x\($0)}" }.joined() + "\"\n"
    }

    private static func swelling() -> String {
        let value = String(repeating: "x", count: 1_000_000)
        return "vars: {x: \(value)}\ncluster: \"" + String(repeating: "${var:x}", count: 50_000) + "\"\n"
    }

    private static func escaped() -> String {
        "cluster: \"" + (0..<20_000).map { "\\x24{var:x\($0)}" }.joined() + "\"\n"
    }

    private static func aliases() -> String {
        "a: [" + (0..<20_000).map { "&x\($0) 1, *y\($0)" }.joined(separator: ", ") + "]\n"
    }

    private static func nodes(_ body: String) -> String {
        "version: 1\ncluster: c\nnodes:\n" + (0..<12_000).map { "  n\($0): \(body)\n" }.joined()
    }

    private static func flags() -> String {
        let flags = (0..<15_000).map { "x\($0): 1, no-y\($0): 1" }.joined(separator: ", ")
        return nodes("{address: 1.1.1.1}").split(separator: "\n").prefix(500).joined(separator: "\n")
            + "\nmesos: {agent: {flags: {\(flags)}}}\n"
    }

    private static func chain() -> String {
        let apps = (0..<9_000).map {
            "{\"id\": \"a\($0)\", \"cmd\": \"x\", \"dependencies\": [\"a\(($0 + 1) % 9_000)\"]}"
        }
        return "[" + apps.joined(separator: ",\n") + "]"
    }

    private static func stairs() -> String {
        (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    }
}
