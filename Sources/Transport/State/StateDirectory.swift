internal import Glibc

/// Where this side keeps what must outlive a command, for one cluster: the journal, and what the loop remembers.
public struct StateDirectory: Hashable, Sendable {
    public let path: String

    /// - Parameters:
    ///   - cluster: Its name; characters that make no plain file name become `-`.
    ///   - override: As an option says it.
    ///   - environment: For `XDG_STATE_HOME` and `HOME`; without both, the home of the user that the process runs as.
    public init(cluster: String, override: String?, environment: [String: String]) {
        if let override, !override.isEmpty {
            path = override
            return
        }
        let state: String
        if let said = environment["XDG_STATE_HOME"], said.hasPrefix("/") {
            state = said
        } else {
            let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? Self.accountHome
            state = (home == "/" ? "" : home) + "/.local/state"
        }
        let name = cluster.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0) ? $0 : "-" }
        path = "\(state)/reconciler/\(name.first == "." ? "-" : "")\(String(name))"
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes it where it is not there, for this user alone (0700).
    /// - Throws: What stands in the way, with the path.
    public func prepare() throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            let reason = String(cString: strerror(errno))
            // A parent that cannot be written may well be there.
            var status = stat()
            guard stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw StateDirectoryError(message: "\(made) cannot be made: \(reason)")
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StateDirectoryError(message: "\(path) is no directory")
        }
    }

    private static var accountHome: String {
        guard let entry = getpwuid(getuid()), let home = entry.pointee.pw_dir else { return "" }
        return String(cString: home)
    }
}

public struct StateDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}
