import FoundationEssentials
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

/// The shells the node script must work under.
enum Shell: String, CaseIterable, CustomTestStringConvertible {
    case dash, busybox
    /// busybox sh, and busybox's own `stat`, `dd`, `base64`, … instead of coreutils'.
    case busyboxApplets

    var command: [String] {
        switch self {
        case .dash: ["/bin/dash"]
        case .busybox, .busyboxApplets: ["/bin/busybox", "sh"]
        }
    }

    var testDescription: String { rawValue }
}

/// A directory that stands for a node's `/`, with fake programs; removed at the end.
final class ScratchRoot {
    let path: String
    let programs: String
    let shell: Shell
    var secrets = SecretStore()

    init(_ shell: Shell = .dash) throws {
        self.shell = shell
        for program in shell.command.prefix(1) {
            try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) is missing: make setup")
        }
        let base = try #require(PrivateDirectory(), "/tmp takes no directory").path
        path = base + "/root"
        programs = base + "/bin"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
        if shell == .busyboxApplets {
            for applet in Self.applets { try link(applet, to: "/bin/busybox") }
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: String(path.dropLast("/root".count))) }

    static let applets = [
        "[", "awk", "base64", "cat", "chmod", "chown", "cp", "cut", "date", "dd", "df", "grep", "head", "ln", "mkdir",
        "mv",
        "printf", "readlink", "rm", "sed", "setsid", "sh", "sha256sum", "sleep", "stat", "tail", "timeout", "tr",
        "uname", "wc",
    ]

    var access: ScratchRootNodeAccess {
        ScratchRootNodeAccess(root: path, shell: shell.command, programs: [programs], secrets: secrets)
    }

    static let node = NodeTarget(name: "scratch", address: "scratch", ssh: SSHSpec())
    static let run = RunID("run-1")

    func observe(_ requests: FactRequest...) async throws -> [FactAnswer] {
        try await access.observe(requests, on: Self.node)
    }

    func ask(_ request: FactRequest) async throws -> FactAnswer {
        try #require(try await access.observe([request], on: Self.node).first)
    }

    func perform(_ actions: NodeAction..., run: RunID = ScratchRoot.run) async throws -> [ActionResult] {
        try await access.perform(actions, run: run, on: Self.node)
    }

    func act(_ action: NodeAction, run: RunID = ScratchRoot.run) async throws -> ActionResult {
        try #require(try await access.perform([action], run: run, on: Self.node).first)
    }

    func service(_ name: ServiceName) async throws -> ServiceAnswer {
        guard case .service(let answer) = try await ask(.service(name)) else {
            throw Surprise("no answer for \(name): \(try await ask(.service(name)))")
        }
        return answer
    }

    func file(_ path: String) async throws -> FileAnswer {
        let answer = try await ask(.file(path: path))
        guard case .file(let file) = answer else { throw Surprise("\(path): \(answer)") }
        return file
    }

    func put(_ text: String, at file: String) throws { try put(Array(text.utf8), at: file) }

    func put(_ bytes: [UInt8], at file: String) throws {
        let full = path + file
        let directory = full.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: full))
    }

    func makeDirectory(_ directory: String) throws {
        try FileManager.default.createDirectory(atPath: path + directory, withIntermediateDirectories: true)
    }

    func makeLink(_ link: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + link, withDestinationPath: target)
    }

    func text(_ file: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path + file)), as: UTF8.self)
    }

    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path + file) }

    func entries(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + directory).sorted()
    }

    func mode(_ file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + file)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// A fake program, a shell script; `$HERE` is a directory of its own for what it remembers.
    func program(_ name: String, _ script: String) throws {
        let file = programs + "/" + name
        let state = programs + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: file)
        try Data("#!/bin/sh\nHERE='\(state)'\nROOT='\(path)'\nPATH=/usr/bin:/bin\n\(script)\n".utf8)
            .write(to: URL(filePath: file))
        makeExecutable(file)
    }

    /// What a fake program remembers.
    func remembered(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: programs + "/state/" + name)), as: UTF8.self)
    }

    func remember(_ text: String, as name: String) throws {
        try FileManager.default.createDirectory(atPath: programs + "/state", withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: programs + "/state/" + name))
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: programs + "/" + name, withDestinationPath: target)
    }
}

struct Surprise: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Values that break careless quoting.
let hostileTexts = [
    "", "\n", "no newline at the end", "one line\n", "two\n\n", "  spaces  \t tabs ", "it's", "\"double\"",
    "$(touch /tmp/never)",
    "`id`", "$HOME ${PATH}", "back\\slash \\n \\0101 \\c end", "--flag", "-n", "%s %d %%", "ä ö ü 漢字 🐘",
    "\u{1}\u{2}\u{7f}\r\n",
    "a;b&c|d>e<f*g?h[i]j{k}l!m#n~o", "EOF\nEOF\n", "K found\nA 0 0 3\nF x 1\n", String(repeating: "long ", count: 5000),
]
