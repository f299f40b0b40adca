/// The declared repositories as files of the node's package manager.
///
/// apt trusts a key for one source alone since 1.4 (`signed-by` with an armored file: Debian 9, Ubuntu 18.04); before that a
/// key is trusted for every source, and read without armor only (apt-secure(8), sources.list(5)). yum names the key in the
/// source (yum.conf(5)); rpm reads it armored.
public enum Repositories: ManagedRole {
    public static func resources(for context: RoleContext) -> NodeResources {
        var wanted = NodeResources()
        let layout = Layout(context.platform)
        for repository in context.spec.other.repositories {
            let reason = Reason("repositories.\(repository.name.value)", at: repository.name.position)
            wanted.repositories.append(layout.desired(repository, reason))
            guard layout.problem(of: repository) == nil else { continue }
            wanted.files += [layout.key(repository, reason), layout.source(repository, reason)].compactMap(\.self)
        }
        return wanted
    }

    /// Every file that a node may turn out to want, whichever system it is.
    public static func paths(in spec: ClusterSpec) -> [String] {
        Layout.allCases.flatMap { layout in
            spec.other.repositories.flatMap { [layout.keyPath($0), layout.sourcePath($0)] }.compactMap(\.self)
        }
    }

    /// Where and how a package manager has its sources.
    private enum Layout: CaseIterable {
        case signedBy, trustedParts, yum

        init(_ platform: Platform) {
            switch platform.packageManager {
            case .yum: self = .yum
            case .apt: self = Self.isOld(platform.os) ? .trustedParts : .signedBy
            }
        }

        /// Whether apt is older than 1.4.
        private static func isOld(_ os: String) -> Bool {
            let parts = os.split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let version = DottedVersion(String(parts[1])) else { return false }
            switch parts[0] {
            case "debian", "raspbian": return version < DottedVersion(9)
            case "ubuntu": return version < DottedVersion(17, 4)
            default: return false
            }
        }

        func problem(of repository: RepositorySpec) -> String? {
            self != .yum && repository.suite == nil ? "apt needs a `suite`, and none is declared" : nil
        }

        func keyPath(_ repository: RepositorySpec) -> String? {
            guard repository.key != nil else { return nil }
            let name = repository.name.value
            return switch self {
            case .signedBy: "/etc/apt/keyrings/\(name).asc"
            case .trustedParts: "/etc/apt/trusted.gpg.d/\(name).gpg"
            case .yum: "/etc/pki/rpm-gpg/RPM-GPG-KEY-\(name)"
            }
        }

        func sourcePath(_ repository: RepositorySpec) -> String {
            let name = repository.name.value
            return switch self {
            case .signedBy, .trustedParts: "/etc/apt/sources.list.d/\(name).list"
            case .yum: "/etc/yum.repos.d/\(name).repo"
            }
        }

        func desired(_ repository: RepositorySpec, _ reason: Reason) -> DesiredRepository {
            let words = self == .yum ? [] : [repository.suite?.value] + repository.components.map(\.value)
            return DesiredRepository(
                name: repository.name.value,
                uri: repository.uri.value,
                summary: ([repository.uri.value] + words.compactMap(\.self)).joined(separator: " "),
                path: sourcePath(repository),
                keyPath: keyPath(repository),
                fingerprints: repository.fingerprints.compactMap { RepositorySpec.fingerprint($0.value) },
                problem: problem(of: repository),
                reason: reason
            )
        }

        /// Readable by all: apt reads keys as a user of its own.
        func key(_ repository: RepositorySpec, _ reason: Reason) -> DesiredFile? {
            guard let path = keyPath(repository), let keyring = repository.keyring else { return nil }
            let isBinary = self == .trustedParts
            let content = isBinary ? Base64.encode(keyring.bytes) : keyring.armored
            return DesiredFile(
                path: path,
                body: .whole(Content(content)),
                encoding: isBinary ? .base64 : .text,
                mode: 0o644,
                reason: reason
            )
        }

        func source(_ repository: RepositorySpec, _ reason: Reason) -> DesiredFile {
            let lines = self == .yum ? yumLines(repository) : [aptLine(repository)]
            return DesiredFile(
                path: sourcePath(repository),
                body: .whole(Content(lines.map { $0 + "\n" }.joined())),
                mode: 0o644,
                reason: reason
            )
        }

        private func aptLine(_ repository: RepositorySpec) -> String {
            let key = self == .signedBy ? keyPath(repository).map { "[signed-by=\($0)]" } : nil
            let words = ["deb", key, repository.uri.value, repository.suite?.value]
            return (words.compactMap(\.self) + repository.components.map(\.value)).joined(separator: " ")
        }

        private func yumLines(_ repository: RepositorySpec) -> [String] {
            let name = repository.name.value
            let key = keyPath(repository).map { ["gpgkey=file://\($0)"] } ?? []
            return ["[\(name)]", "name=\(name)", "baseurl=\(repository.uri.value)", "enabled=1", "gpgcheck=1"] + key
        }
    }
}
