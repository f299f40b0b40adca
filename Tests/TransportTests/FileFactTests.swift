import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct FileFactTests {
    @Test(arguments: Shell.allCases)
    func hostileContentsComeBackAsTheyAre(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        for (index, text) in hostileTexts.enumerated() { try root.put(text, at: "/etc/h/\(index)") }
        let requests = hostileTexts.indices.map { FactRequest.file(path: "/etc/h/\($0)") }
        let answers = try await root.access.observe(requests, on: ScratchRoot.node)
        for (answer, text) in zip(answers, hostileTexts) {
            guard case .file(let file) = answer else {
                Testing.Issue.record("\(answer)")
                continue
            }
            #expect(file.content == text)
            #expect(file.digest == sha256(text))
            #expect(file.size == text.utf8.count)
        }
    }

    @Test(arguments: Shell.allCases)
    func hostileNamesAreFound(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let names = [
            "?no-quiet", "a b", "it's", "new\nline", "$(id)", "-rf", "ä漢", "back\\slash", "tab\t", "star*",
            "trailing\n", "[x]",
        ]
        for name in names { try root.put(name, at: "/etc/d/\(name)") }
        for name in names { #expect(try await root.file("/etc/d/\(name)").content == name) }
        guard case .directory(_, let entries) = try await root.ask(.directory(path: "/etc/d", recursive: false)) else {
            throw Surprise("no directory")
        }
        #expect(
            entries.map(\.path) == names.map { "/etc/d/" + $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        )
    }

    @Test(arguments: Shell.allCases)
    func absentAndUnreadableAreToldApart(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("x", at: "/etc/file")
        try root.makeLink("/etc/loop", to: "loop")
        let answers = try await root.observe(
            .file(path: "/nowhere"),
            .file(path: "/etc/file/below"),
            .file(path: "/etc/loop"),
            .file(path: "relative"),
            .directory(path: "/nowhere", recursive: true),
            .directory(path: "/etc/file", recursive: false)
        )
        #expect(answers[0] == .absent)
        #expect(answers[1] == .absent)
        #expect(answers[2] == .unknown(reason: "/etc/loop: too many levels of symbolic links"))
        #expect(answers[3] == .unknown(reason: "relative: not an absolute path"))
        #expect(answers[4] == .absent)
        #expect(answers[5] == .unknown(reason: "/etc/file: is no directory"))
    }

    @Test(arguments: Shell.allCases)
    func linksAreFollowedWithinTheRoot(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("1\n", at: "/etc/zookeeper/conf_example/myid")
        try root.makeDirectory("/etc/alternatives")
        try root.makeDirectory("/var/lib/zookeeper")
        try root.makeLink("/etc/alternatives/zookeeper-conf", to: "/etc/zookeeper/conf_example")
        try root.makeLink("/etc/zookeeper/conf", to: "../alternatives/zookeeper-conf")
        try root.makeLink("/var/lib/zookeeper/myid", to: "/etc/zookeeper/conf/myid")
        try root.makeLink("/var/lib/zookeeper/gone", to: "nothing-here")
        let myid = try await root.file("/var/lib/zookeeper/myid")
        #expect(myid.resolvedPath == "/etc/zookeeper/conf_example/myid")
        #expect(myid.content == "1\n")
        #expect(myid.kind == .regular)
        let gone = try await root.file("/var/lib/zookeeper/gone")
        #expect(gone.kind == .dangling)
        #expect(gone.resolvedPath == "/var/lib/zookeeper/nothing-here")
        #expect(try await root.file("/etc/zookeeper/conf").kind == .directory)
    }

    @Test(arguments: Shell.allCases)
    func directoriesAreListedWithoutDotfilesAndNotThroughLinks(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        for file in ["b", "a/inner", ".hidden", "z"] { try root.put(file, at: "/etc/marathon/conf/\(file)") }
        try root.put("elsewhere", at: "/srv/x")
        try root.makeLink("/etc/marathon/conf/link", to: "/srv")
        guard case .directory(_, let all) = try await root.ask(.directory(path: "/etc/marathon/conf", recursive: true))
        else { throw Surprise("no directory") }
        #expect(
            all.map { $0.path.split(separator: "/").dropFirst(3).joined(separator: "/") } == [
                "a", "a/inner", "b", "link", "z",
            ]
        )
        guard
            case .directory(_, let flat) = try await root.ask(.directory(path: "/etc/marathon/conf", recursive: false))
        else { throw Surprise("no directory") }
        #expect(flat.map(\.kind) == [.directory, .regular, .directory, .regular])
        try root.makeDirectory("/empty")
        #expect(
            try await root.ask(.directory(path: "/empty", recursive: true)) == .directory(path: "/empty", entries: [])
        )
    }

    @Test(arguments: Shell.allCases)
    func largeAndBinaryFilesComeAsDigests(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        let edge = [UInt8](repeating: 7, count: 65_536)
        try root.put(edge, at: "/edge")
        try root.put(edge + [8], at: "/over")
        try root.put([0xff, 0, 0xfe], at: "/binary")
        let (atEdge, over, binary) = (
            try await root.file("/edge"), try await root.file("/over"), try await root.file("/binary")
        )
        #expect(atEdge.content?.utf8.count == 65_536)
        #expect(over.content == nil)
        #expect(over.digest == sha256(bytes: edge + [8]))
        #expect(over.size == 65_537)
        #expect(binary.content == nil)
        #expect(binary.digest == sha256(bytes: [0xff, 0, 0xfe]))
    }

    @Test(arguments: Shell.allCases)
    func aStampChangesWithEveryWrite(_ shell: Shell) async throws {
        let root = try ScratchRoot(shell)
        try root.put("same", at: "/f")
        let first = try await root.file("/f")
        #expect(try await root.file("/f").stamp == first.stamp)
        try await Task.sleep(for: .milliseconds(20))
        try root.put("same", at: "/f")
        #expect(try await root.file("/f").stamp != first.stamp)
    }

    @Test func answersAreTheSameUnderEveryShell() async throws {
        let root = try ScratchRoot(.dash)
        for (index, text) in hostileTexts.enumerated() { try root.put(text, at: "/etc/h/\(index)") }
        try root.makeLink("/etc/h/link", to: "/nowhere")
        let request = [
            FactRequest.directory(path: "/etc/h", recursive: true), .platform, .disk(path: "/etc/none/here"),
        ]
        var answers: [[FactAnswer]] = []
        for shell in Shell.allCases {
            let access = ScratchRootNodeAccess(root: root.path, shell: shell.command, programs: [])
            answers.append(try await access.observe(request, on: ScratchRoot.node))
        }
        #expect(Set(answers.map { Array($0.prefix(2)) }).count == 1)
    }

    @Test func observingWritesNothing() async throws {
        let root = try ScratchRoot()
        try root.put("x", at: "/etc/f")
        _ = try await root.ask(.clock)
        let before = try root.entries("/")
        _ = try await root.observe(
            .platform,
            .file(path: "/etc/f"),
            .directory(path: "/etc", recursive: true),
            .service("zookeeper"),
            .clock,
            .lease,
            .applied,
            .disk(path: "/x/y"),
            .resolve(name: "localhost"),
            .package("bash"),
            .dockerEngine
        )
        #expect(try root.entries("/") == before)
        #expect(try root.entries("/etc") == ["f"])
    }

    @Test func anObservationDoesNotContainTheFunctionsThatAct() {
        let script = NodeScript.observing([ShellCall("fact_clock")], nonce: "n").text
        #expect(script.contains("\nfact_file()"))
        for forbidden in ["\nact", "mv -f", "rm -f", "systemctl mask", "apt-get install"] {
            #expect(!script.contains(forbidden), "\(forbidden)")
        }
    }
}
