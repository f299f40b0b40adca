import FoundationEssentials
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

/// The real node script on a scratch root, beside which a `LabNode` is held; fake programs stand for init and packages.
final class ScriptedNode {
    let root: String
    private let base: String
    private let programs: String
    static let target = NodeTarget(name: "scratch", address: "scratch", ssh: SSHSpec())

    init(usesSystemd: Bool) throws {
        base = try #require(PrivateDirectory(), "/tmp takes no directory").path
        root = base + "/root"
        programs = base + "/bin"
        for directory in [root, programs, "\(programs)/state/units", "\(programs)/state/jobs"] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        for directory in ["offered", "installed"] {
            try FileManager.default.createDirectory(
                atPath: "\(programs)/state/\(directory)",
                withIntermediateDirectories: true
            )
        }
        if usesSystemd {
            try program("systemctl", Sleepers.functions + scriptedSystemctl)
            try makeDirectory("/run/systemd/system")
        } else {
            try program("initctl", Sleepers.functions + scriptedInitctl)
            try makeDirectory("/etc/init")
        }
        try program("dpkg-query", ScriptedPackages.dpkgQuery)
        try program("apt-cache", ScriptedPackages.aptCache)
        try program("apt-get", ScriptedPackages.aptGet)
        try program("apt-mark", ScriptedPackages.aptMark)
    }

    deinit {
        Sleepers.end((try? remembered("pids")) ?? "")
        try? FileManager.default.removeItem(atPath: base)
    }

    private var access: ScratchRootNodeAccess { ScratchRootNodeAccess(root: root, programs: [programs]) }

    func ask(_ requests: [FactRequest]) async throws -> [FactAnswer] {
        try await access.observe(requests, on: Self.target)
    }

    func act(_ action: NodeAction, run: RunID) async throws -> ActionResult {
        try #require(try await access.perform([action], run: run, on: Self.target).first)
    }

    func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: root + path, withIntermediateDirectories: true)
    }

    func put(_ text: String, at path: String) throws {
        try makeDirectory(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
        try Data(text.utf8).write(to: URL(filePath: root + path))
    }

    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: root + path)), as: UTF8.self)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: root + path, withDestinationPath: target)
    }

    /// Sets the time of the last modification of what is at `path` under the root, links not followed; false where
    /// nothing is.
    @discardableResult
    func touch(_ path: String, seconds: Int) -> Bool {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        return utimensat(AT_FDCWD, root + path, times, AT_SYMLINK_NOFOLLOW) == 0
    }

    func remember(_ text: String, as name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(programs)/state/\(name)"))
    }

    func forget(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(programs)/state/\(name)") }

    func remembered(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(programs)/state/\(name)")), as: UTF8.self)
    }

    func program(_ name: String, _ script: String) throws {
        let file = "\(programs)/\(name)"
        try Data("#!/bin/sh\nHERE='\(programs)/state'\nROOT='\(root)'\nPATH=/usr/bin:/bin\n\(script)\n".utf8)
            .write(to: URL(filePath: file))
        makeExecutable(file)
    }
}
