internal import Reconciler
internal import Specs

extension ObservedDocument {
    public struct PlatformSeen: Hashable, Sendable, Encodable {
        public var os: String
        public var initSystem: String
        public var packageManager: String
        public var agentFlagDirectory: String
        public var zooKeeperConfigDirectory: String

        init(_ platform: Platform) {
            os = platform.os
            initSystem = platform.initSystem.rawValue
            packageManager = platform.packageManager.rawValue
            agentFlagDirectory = platform.agentFlagDirectory
            zooKeeperConfigDirectory = platform.zooKeeperConfigDirectory
        }
    }

    public struct Package: Hashable, Sendable, Encodable {
        /// Absent: not installed.
        public var installed: String?
        /// The package manager's words, where it is not in order.
        public var trouble: String?
        /// Versions the node's sources offer, best first.
        public var offered: [String]
        /// Whether it is kept at its version; absent: it is not.
        public var held: Bool?

        init(_ answer: PackageAnswer) {
            (installed, trouble, offered) = (answer.installed, answer.trouble, answer.offered)
            held = answer.isHeld ? true : nil
        }
    }

    public struct File: Hashable, Sendable, Encodable {
        public var path: String
        public var resolvedPath: String
        /// `regular`, `directory`, `other` or `dangling`.
        public var kind: String
        /// Octal, such as `0644`.
        public var mode: String
        public var owner: String
        public var group: String
        public var size: Int
        /// Seconds since 1970.
        public var modified: Int
        /// SHA-256; absent for a file with secrets.
        public var digest: String?
        /// Absent above 64 KiB and where it is no text.
        public var content: String?
        public var hasSecrets: Bool

        init(_ file: ObservedFile) {
            (path, resolvedPath, kind) = (file.path, file.resolvedPath, file.kind.rawValue)
            let octal = String(file.mode, radix: 8)
            mode = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
            (owner, group, size, modified) = (file.owner, file.group, file.size, file.modified)
            let shown = file.content.map { ShownContent.file($0, at: file.path) }
            hasSecrets = shown?.isSensitive ?? false
            if case .digest(let digest) = file.version, !hasSecrets { self.digest = digest }
            content = shown?.shown
        }
    }

    public struct ServiceSeen: Hashable, Sendable, Encodable {
        /// `on`, `off`, `masked`, `none` or `unknown`.
        public var boot: String
        /// `running`, `stopped`, `restarting`, `failed`, `changing` or `unknown`.
        public var run: String
        public var pid: Int?
        /// Seconds since 1970.
        public var started: Int?
        public var restarts: Int?
        public var arguments: [String]
        public var environment: [String: String]
        /// Files as the process read them at its start, by path.
        public var copies: [String: String]
        /// The init system's own words.
        public var detail: String

        init(_ service: ObservedService) {
            (boot, run) = (service.boot.rawValue, service.run.rawValue)
            (pid, started, restarts) = (service.pid, service.started, service.restarts)
            arguments = ShownContent.arguments(service.arguments).map(\.shown)
            environment = ShownContent.values(service.environment).mapValues(\.shown)
            copies = Dictionary(service.copies.map { ($0.key, ShownContent.file($0.value, at: $0.key).shown) }) { $1 }
            detail = service.detail
        }
    }

    public struct ZooKeeper: Hashable, Sendable, Encodable {
        /// `leader`, `follower`, `observer`, `standalone` or `notServing`.
        public var mode: String
        public var version: String?
        /// Hexadecimal, as the server prints it.
        public var zxid: String?
        public var nodeCount: Int?
        public var serverID: Int?
        /// The running member list by id.
        public var members: [String: String]?
        public var syncedFollowers: Int?

        init(_ server: ZooKeeperServer) {
            (mode, version) = (server.mode.rawValue, server.version)
            zxid = server.zxid.map { "0x" + String($0, radix: 16) }
            (nodeCount, serverID, syncedFollowers) = (server.nodeCount, server.serverID, server.syncedFollowers)
            members = server.members.map { list in
                Dictionary(list.map { (String($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
            }
        }
    }

    public struct Applied: Hashable, Sendable, Encodable {
        public var digest: String
        public var revision: String

        init(_ entry: AppliedEntry) { (digest, revision) = (entry.digest, entry.revision) }
    }
}
