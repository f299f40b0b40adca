import FoundationEssentials
import Specs
import TestPrograms
import Testing

@testable import Transport

enum BridgeShell: String, CaseIterable, CustomTestStringConvertible {
    case dash, bash, busybox

    var command: [String] {
        switch self {
        case .dash: ["/bin/dash"]
        case .bash: ["/bin/bash"]
        // With busybox's own awk, sort, mktemp, …
        case .busybox: ["/bin/busybox", "sh"]
        }
    }

    var testDescription: String { rawValue }
}

/// A directory that stands for a node's `/`, on which the bridge runs with fakes of curl, HAProxy and systemd.
///
/// The PATH has nothing else than the fakes and links to harmless tools: no program of this machine's init system can be met.
final class BridgeNode: Sendable {
    let root: String
    let programs: String
    let shell: BridgeShell
    private let base: PrivateDirectory

    init(_ shell: BridgeShell = .dash) throws {
        self.shell = shell
        base = try #require(PrivateDirectory(), "/tmp takes no directory")
        root = base.path + "/root"
        programs = base.path + "/bin"
        for directory in [root + "/etc/haproxy", root + "/tmp", root + "/run/systemd/system", programs + "/state"] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        for tool in Self.tools {
            let found = ["/usr/bin/", "/bin/"].map { $0 + tool }.first(where: FileManager.default.fileExists(atPath:))
            try link(tool, to: try #require(found, "\(tool) is missing"))
        }
        try program("curl", Fakes.curl)
        try program("haproxy", Fakes.haproxy)
        try program("systemctl", Fakes.systemctl)
        try put(BridgeScript.text, at: "/bridge")
    }

    deinit { try? FileManager.default.removeItem(atPath: base.path) }

    static let tools = [
        "awk", "cat", "chmod", "cmp", "cp", "cut", "date", "find", "flock", "grep", "head", "ls", "mkdir", "mktemp",
        "mv",
        "readlink", "rm", "sed", "sleep", "sort", "tail", "timeout", "tr", "wc",
    ]

    struct Ended {
        var status: Int?
        var output: String
        var errors: String
    }

    /// With `room`, no file takes more than so many blocks of 512 bytes: writing fails as it does on a full disk.
    func run(_ arguments: String..., environment: [String: String] = [:], room: Int? = nil) async throws -> Ended {
        let limits = room.map { ["/bin/dash", "-c", "trap '' XFSZ; ulimit -f \($0); exec \"$@\"", "limited"] } ?? []
        let command = limits + shell.command
        let child = ChildProcess(
            program: command[0],
            arguments: command.dropFirst() + [root + "/bridge"] + arguments,
            deadline: .seconds(120),
            environment: ["HAPROXY_MARATHON_BRIDGE_ROOT": root, "PATH": programs].merging(environment) { $1 }
        )
        let ended = try await child.run(in: base.path)
        return Ended(
            status: ended.exitCode,
            output: String(decoding: ended.output, as: UTF8.self),
            errors: ended.errors
        )
    }

    /// A refresh with one Marathon, `m:8080`, or those given.
    func refresh(_ marathons: String...) async throws -> Ended {
        let asked = marathons.isEmpty ? ["m:8080"] : marathons
        switch asked.count {
        case 1: return try await run("refresh_system_haproxy", asked[0])
        default: return try await run("refresh_system_haproxy", asked[0], asked[1])
        }
    }

    // MARK: Marathon

    /// What `marathon` answers to a path, from now on.
    func answer(
        _ body: String,
        type: String = "application/json",
        status: Int = 200,
        to path: String = "apps",
        of marathon: String = "m:8080"
    ) throws {
        let name = "/answer.\(marathon).\(path)"
        try write(body, to: programs + "/state" + name)
        try write("\(status) \(type)", to: programs + "/state" + name + ".head")
    }

    /// `marathon` is not there.
    func silence(_ marathon: String = "m:8080") {
        for path in ["apps", "tasks"] {
            try? FileManager.default.removeItem(atPath: programs + "/state/answer.\(marathon).\(path)")
        }
    }

    // MARK: HAProxy

    var config: String { (try? text("/etc/haproxy/haproxy.cfg")) ?? "" }
    var isRunning: Bool { FileManager.default.fileExists(atPath: programs + "/state/running") }
    /// What systemctl was told to do, in order, questions left out.
    var calls: [String] {
        (try? remembered("calls"))?.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("is-active") } ?? []
    }
    /// The file the running process was started with.
    var loaded: String { (try? remembered("loaded")) ?? "" }
    var listeners: [String] {
        config.split(separator: "\n").filter { $0.hasPrefix("listen ") }.map { String($0.dropFirst(7)) }
    }
    var servers: [String] {
        config.split(separator: "\n").filter { $0.hasPrefix("  server ") }.map { String($0.dropFirst(9)) }
    }

    var lastRun: [String: String] {
        let lines = ((try? text("/var/lib/haproxy-marathon-bridge/last-run")) ?? "").split(separator: "\n")
        return Dictionary(
            lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            },
            uniquingKeysWith: { "\($0)\n\($1)" }
        )
    }

    /// HAProxy stops, as if by hand.
    func stopHAProxy() throws {
        try? FileManager.default.removeItem(atPath: programs + "/state/running")
        for entry in try FileManager.default.contentsOfDirectory(atPath: root + "/proc") where entry != "net" {
            try FileManager.default.removeItem(atPath: root + "/proc/" + entry)
        }
        try write("", to: root + "/proc/net/tcp")
    }

    /// Another program listens on a port from now on.
    func occupy(_ port: Int, address: String = "00000000") throws {
        let line = "9: \(address):\(hex(port)) 00000000:0000 0A 0:0 0:0 0 0 0 77\(port)\n"
        try write(((try? remembered("foreign")) ?? "") + "\(port)\n", to: programs + "/state/foreign")
        try write(((try? remembered("foreign.table")) ?? "") + line, to: programs + "/state/foreign.table")
        try put(((try? text("/proc/net/tcp")) ?? "") + line, at: "/proc/net/tcp")
    }

    func vacate(_ port: Int) throws {
        try write("", to: programs + "/state/foreign")
        try write("", to: programs + "/state/foreign.table")
        let table = try text("/proc/net/tcp").split(separator: "\n").filter { !$0.contains(":\(hex(port)) ") }
        try put(table.map { $0 + "\n" }.joined(), at: "/proc/net/tcp")
    }

    private func hex(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// What was missed in an answer was missed long enough ago to be believed.
    func age() throws {
        let path = "/var/lib/haproxy-marathon-bridge/gone"
        let lines = try text(path).split(separator: "\n").map { $0.split(separator: "\t")[0] + "\t1000000000\n" }
        try put(lines.joined(), at: path)
    }

    // MARK: Files

    func put(_ text: String, at path: String) throws { try write(text, to: root + path) }

    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: root + path)), as: UTF8.self)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + path) }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + path) }

    func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: root + path)[.posixPermissions] as? Int)
    }

    func entries(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + directory).sorted()
    }

    func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: root + path)
    }

    // MARK: Programs

    /// A fake program, a shell script; `$HERE` is a directory of its own for what it remembers.
    func program(_ name: String, _ script: String) throws {
        let file = programs + "/" + name
        try? FileManager.default.removeItem(atPath: file)
        try write("#!/bin/sh\nHERE='\(programs)/state'\nROOT='\(root)'\nPATH=/usr/bin:/bin\n\(script)\n", to: file)
        makeExecutable(file)
    }

    func remembered(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: programs + "/state/" + name)), as: UTF8.self)
    }

    func remember(_ text: String, as name: String) throws { try write(text, to: programs + "/state/" + name) }

    func forget(_ name: String) throws { try FileManager.default.removeItem(atPath: programs + "/state/" + name) }

    func link(_ name: String, to target: String) throws {
        try? FileManager.default.removeItem(atPath: programs + "/" + name)
        try FileManager.default.createSymbolicLink(atPath: programs + "/" + name, withDestinationPath: target)
    }

    func unlink(_ name: String) throws { try FileManager.default.removeItem(atPath: programs + "/" + name) }

    private func write(_ text: String, to path: String) throws {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}

private enum Fakes {
    /// Answers from files.
    ///
    /// A Marathon without one refuses the connection (status 7). `curl.log` has one argument a line.
    static let curl = """
        for url; do :; done
        case " $* " in *' --version '*) exit 0 ;; esac
        printf '%s\\n' "$@" >>"$HERE/curl.log"
        out=
        while [ $# -gt 0 ]; do
            [ "$1" != -o ] || out=$2
            shift
        done
        rest=${url#*://}
        path=${rest#*/v2/}
        file=$HERE/answer.${rest%%/*}.${path%%\\?*}
        [ -e "$file" ] || { echo "curl: (7) Failed to connect to ${rest%%/*}" >&2; exit 7; }
        read -r status type <"$file.head"
        if [ "$status" -ge 400 ]; then
            echo "curl: (22) The requested URL returned error: $status" >&2
            exit 22
        fi
        cp "$file" "$out"
        printf '%s %s' "$status" "$type"
        """

    /// `-c -f FILE`: refuses lines that match `refuses-lines`, as HAProxy 2.6 words it.
    static let haproxy = """
        echo "$@" >>"$HERE/checks"
        [ -e "$HERE/refuses-lines" ] || exit 0
        awk -v bad="$(cat "$HERE/refuses-lines")" -v file="$3" '
            $0 ~ bad {
                print "[ALERT]    (1) : config : [" file ":" NR "] : cannot make sense of \\"" $0 "\\""
                found = 1
            }
            END {
                if (found) print "[ALERT]    (1) : config : Fatal errors found in configuration."
                exit found
            }
        ' "$3" >&2
        """

    /// Starts and reloads by writing what /proc would show.
    ///
    /// A file that matches `refuses`, or has a port of `foreign`, does not come up: `start` and `reload` fail, or say nothing
    /// where `silent` is.
    static let systemctl = """
        echo "$*" >>"$HERE/calls"
        config=$ROOT/etc/haproxy/haproxy.cfg
        case $1 in
            is-active)
                [ -e "$HERE/running" ]
                exit
                ;;
            start | reload) ;;
            *) exit 0 ;;
        esac
        ports=$(awk '$1 == "bind" { n = split($2, parts, ":"); print parts[n] }' "$config")
        fails=
        if [ -e "$HERE/refuses" ] && grep -q -e "$(cat "$HERE/refuses")" "$config"; then fails=1; fi
        for port in $ports; do
            if grep -qx "$port" "$HERE/foreign" 2>/dev/null; then fails=1; fi
        done
        if [ -n "$fails" ]; then
            [ ! -e "$HERE/silent" ] || exit 0
            echo "Job for haproxy.service failed." >&2
            exit 1
        fi
        read -r last 2>/dev/null <"$HERE/pid" || last=100
        rm -rf "$ROOT/proc/$last"
        pid=$((last + 1))
        echo "$pid" >"$HERE/pid"
        mkdir -p "$ROOT/proc/$pid/fd" "$ROOT/proc/net"
        echo haproxy >"$ROOT/proc/$pid/comm"
        cat "$HERE/foreign.table" >"$ROOT/proc/net/tcp" 2>/dev/null
        for port in $ports; do
            ln -s "socket:[66$port]" "$ROOT/proc/$pid/fd/$port"
            printf '1: 00000000:%04X 00000000:0000 0A 0:0 0:0 0 0 0 66%d\\n' "$port" "$port" >>"$ROOT/proc/net/tcp"
        done
        cp "$config" "$HERE/loaded"
        : >"$HERE/running"
        """
}
