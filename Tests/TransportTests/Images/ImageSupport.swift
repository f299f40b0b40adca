import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Synchronization
import TestPrograms
import Testing

@testable import Transport

/// An image as an engine would save it, written with the system's tar and none of the product's code.
struct TestImage {
    var reference: String
    var layers: [[UInt8]]
    var config: [UInt8]

    var diffIDs: [String] { layers.map { "sha256:" + sha256(bytes: $0) } }
    var id: String { "sha256:" + sha256(bytes: config) }

    init(_ reference: String, layers: [[UInt8]], note: String = "") {
        self.reference = reference
        self.layers = layers
        let list = layers.map { "\"sha256:\(sha256(bytes: $0))\"" }.joined(separator: ",")
        let text = #"{"architecture":"amd64","note":"\#(note)","rootfs":{"type":"layers","diff_ids":[\#(list)]}}"#
        config = Array(text.utf8)
    }

    enum Layout: CaseIterable {
        case legacy, oci
    }

    /// The archive's files by path (mesos-zk-ops.md 7; labs/docker-20.10-save-load.txt).
    func files(_ layout: Layout) -> [(path: String, bytes: [UInt8])] {
        let hex = String(id.dropFirst(7))
        let paths = layers.map {
            layout == .legacy ? "\(sha256(bytes: [1] + $0))/layer.tar" : "blobs/sha256/\(sha256(bytes: $0))"
        }
        let configPath = layout == .legacy ? "\(hex).json" : "blobs/sha256/\(hex)"
        let list = paths.map { "\"\($0)\"" }.joined(separator: ",")
        let manifest = #"[{"Config":"\#(configPath)","RepoTags":["\#(reference)"],"Layers":[\#(list)]}]"#
        return zip(paths, layers).map { ($0, $1) } + [(configPath, config), ("manifest.json", Array(manifest.utf8))]
    }

    func save(to path: String, layout: Layout = .legacy) async throws {
        let directory = path + ".files"
        for file in files(layout) { try put(file.bytes, at: "\(directory)/\(file.path)") }
        try await LoopbackSSHD.tool("tar", ["-C", directory, "-cf", path, "."])
        try FileManager.default.removeItem(atPath: directory)
    }

    var source: SourceImage {
        SourceImage(
            id: id,
            layers: zip(diffIDs, layers).map { SourceImage.Layer(diffID: $0, bytes: $1.count) },
            bytes: layers.reduce(0) { $0 + $1.count },
            architecture: "amd64",
            engineVersion: "20.10.24"
        )
    }

    var held: HeldImage {
        HeldImage(
            id: id,
            references: [reference],
            layers: diffIDs,
            bytes: layers.reduce(0) { $0 + $1.count },
            architecture: "amd64"
        )
    }

    func desired(_ origin: ImageOrigin) -> DesiredImage {
        DesiredImage(
            reference: reference,
            origin: origin,
            nodes: [],
            position: SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        )
    }
}

func put(_ bytes: [UInt8], at path: String) throws {
    let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
}

func content(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

/// Bytes that no compression makes smaller, the same for the same seed.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}

/// What the engine is said to hold.
final class EngineBox: Sendable {
    let state = Mutex(ObservedEngine(version: "20.10.24"))
}

/// A machine with an engine, and nodes, all behind one real sshd; the engine is a program that has files for images.
final class ImageBench {
    let sshd: LoopbackSSHD
    let access: OpenSSHNodeAccess
    let directory: String
    let engine = EngineBox()
    let host = ImageHost.ssh("builder")

    /// Of busybox, in place of coreutils and the rest.
    private static let applets = [
        "awk", "cat", "dd", "find", "grep", "gzip", "head", "mkdir", "mktemp", "mv", "od", "readlink", "rm",
        "setsid", "sh", "sha256sum", "sleep", "stat", "tail", "tar", "touch", "tr", "cp", "printf", "cut",
    ]

    /// `forced` runs instead of what is asked for; with `busybox` its shell and tools are the nodes'.
    init(forced: String? = nil, busybox: Bool = false) async throws {
        let base = try #require(PrivateDirectory()).path
        directory = base
        for name in ["bin", "images", "places", "node-a", "node-b", "cache"] {
            try FileManager.default.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: true)
        }
        try put(Array(Self.docker(base).utf8), at: "\(base)/bin/docker")
        makeExecutable("\(base)/bin/docker")
        let sudo = "#!/bin/sh\n[ \"$1\" = -n ] || exit 1\nshift\necho \"$1\" >>\(base)/raised\nexec \"$@\"\n"
        try put(Array(sudo.utf8), at: "\(base)/bin/sudo")
        makeExecutable("\(base)/bin/sudo")
        for applet in busybox ? Self.applets : [] { symlink("/bin/busybox", "\(base)/bin/\(applet)") }
        sshd = try await LoopbackSSHD(forced: forced, settings: "SetEnv PATH=\(base)/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        access = try sshd.access()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// In the words of labs/docker-20.10-save-load.txt.
    private static func docker(_ base: String) -> String {
        """
        #!/bin/sh
        cd \(base) || exit 9
        echo "$*" >>calls
        if [ -f down ]; then
            echo 'Cannot connect to the Docker daemon at unix:///srv/lab/none.sock. Is the docker daemon running?' >&2
            exit 1
        fi
        case $1 in
            save)
                file=images/$(printf %s "$2" | tr '/:' '__').tar
                if [ ! -f "$file" ]; then
                    echo 'Error response from daemon: reference does not exist' >&2
                    exit 1
                fi
                cat "$file"
                ;;
            history) cat history ;;
            build)
                cat >context.tar
                echo 'Step 1/2 : FROM busybox'
                if [ -f broken ]; then
                    echo 'COPY failed: file not found in build context' >&2
                    exit 1
                fi
                echo "Successfully tagged $3"
                ;;
        esac
        """
    }

    func node(_ name: NodeName, become: SSHSpec.Become = .none) -> NodeTarget {
        let position = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let ssh = SSHSpec(port: Located(sshd.port, at: position), become: Located(become, at: position))
        return NodeTarget(name: name, address: "127.0.0.1", ssh: ssh)
    }

    func courier(_ change: (inout CourierOptions) -> Void = { _ in }) -> DockerImageCourier {
        var options = CourierOptions(
            cache: "\(directory)/cache",
            stall: .seconds(20),
            pauses: [.milliseconds(50), .milliseconds(100), .milliseconds(200)],
            buildStall: .seconds(30)
        )
        options.places = "\(directory)/places"
        options.otherParts = ["a": "\(directory)/node-a", "b": "\(directory)/node-b"]
        options.authorizedKeys = "\(sshd.directory.path)/authorized_keys"
        options.hostKeys = "\(sshd.directory.path)/host.pub"
        change(&options)
        return DockerImageCourier(
            access: access,
            hosts: [host: node("builder")],
            directory: directory,
            engine: { [engine] _ in .found(engine.state.withLock { $0 }) },
            options: options
        )
    }

    /// The engine has it from now on.
    func add(_ image: TestImage, layout: TestImage.Layout = .legacy) async throws {
        let name = String(image.reference.map { $0 == "/" || $0 == ":" ? "_" : $0 })
        try await image.save(to: "\(directory)/images/\(name).tar", layout: layout)
        engine.state.withLock { engine in
            engine.images.removeAll { $0.references == [image.reference] }
            engine.images.append(image.held)
        }
    }

    func calls(_ word: String) -> Int {
        let text = (try? String(contentsOf: "\(directory)/calls")) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix(word) }.count
    }

    /// Names in a directory of the bench, also hidden ones.
    func entries(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(name)").sorted()
    }

    /// What `cat` of the parts is, read by gzip and tar: contents by path.
    func archive(_ pack: ImagePack, in name: String = "cache") async throws -> [String: [UInt8]] {
        let out = "\(directory)/out-\(NodeScript.randomNonce())"
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: out) }
        let files = pack.parts.map { "\(directory)/\(name)/\($0.digest)" }.joined(separator: " ")
        try await LoopbackSSHD.tool("sh", ["-c", "cat \(files) | gzip -dc | tar -xf - -C \(out)"])
        var found: [String: [UInt8]] = [:]
        for path in try await LoopbackSSHD.tool("find", [out, "-type", "f"]).split(separator: "\n") {
            found[String(path.dropFirst(out.count + 1))] = try content(String(path))
        }
        return found
    }

    /// Ends every connection to the sshd, as a broken network would; by the ids of its children.
    func cut() throws -> Int {
        let daemon = try processes().first { $0.command.contains("\(sshd.directory.path)/sshd_config") }
        let children = try processes().filter { $0.parent == daemon?.pid }
        for child in children { kill(child.pid, SIGKILL) }
        return children.count
    }

    /// Processes whose command line has `text`.
    func running(_ text: String) throws -> Int { try processes().filter { $0.command.contains(text) }.count }

    private func processes() throws -> [(pid: pid_t, parent: pid_t, command: String)] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard let pid = pid_t(name), let status = try? String(contentsOf: "/proc/\(name)/status"),
                let words = try? content("/proc/\(name)/cmdline")
            else { return nil }
            let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
            let parent = line?.split(whereSeparator: \.isWhitespace).last.flatMap { pid_t($0) } ?? 0
            let command = String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            return (pid, parent, command)
        }
    }
}

/// The error that `body` must throw; nil where it does not.
func courierFailure<Value>(_ body: () async throws -> Value) async -> CourierError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? CourierError
    }
}
