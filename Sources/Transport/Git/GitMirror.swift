internal import FoundationEssentials
internal import Glibc

/// A bare mirror of one branch of a repository, asked by the system's git: its ssh, its credential helpers and its proxies hold.
///
/// Nothing of the repository is run: no hook, no filter, no submodule. Every command has a deadline, and none asks anybody.
public struct GitMirror: Sendable {
    /// Where the repository comes from, as git takes it.
    public let url: String
    public let branch: String
    /// The directory that holds the mirror and what is checked out of it.
    public let directory: String
    private let program: String
    private let deadline: Duration

    /// Why the repository or a revision of it cannot be had.
    public struct Trouble: Error, Hashable, Sendable {
        /// In git's own words where it has any; no credentials of the URL.
        public var message: String
        /// Whether it is the revision that is no good, and will be no better when it is asked for again.
        public var isOfTheRevision = false
    }

    /// - Parameters:
    ///   - url: As `git fetch` takes it.
    ///   - branch: Its name, without `refs/heads/`.
    ///   - directory: Made as needed, for its owner only.
    ///   - deadline: Of every single git command.
    ///   - program: git itself.
    public init(
        url: String,
        branch: String,
        in directory: String,
        deadline: Duration = .seconds(60),
        git program: String = "git"
    ) {
        self.url = url
        self.branch = branch
        self.directory = directory
        self.deadline = deadline
        self.program = program
    }

    private var bare: String { "\(directory)/mirror.git" }
    private var trees: String { "\(directory)/trees" }
    private var newestRef: String { "refs/reconciler/newest/\(branch)" }
    private var goodRef: String { "refs/reconciler/good/\(branch)" }

    // MARK: Revisions

    /// Makes the mirror and forgets what an earlier process checked out.
    public func prepare() async throws(Trouble) {
        do {
            try? FileManager.default.removeItem(atPath: trees)
            try FileManager.default.createDirectory(
                atPath: trees,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Trouble(message: "\(directory): cannot be made: \(String(cString: strerror(errno)).lowercased())")
        }
        try await git(["init", "--quiet", "--bare", "--template=", bare], inside: false)
    }

    /// What the branch points at now.
    public struct Newest: Hashable, Sendable {
        /// 40 or 64 hexadecimal digits.
        public var revision: String
        /// Whether the revision before is none of its ancestors: history was rewritten.
        public var isRewritten: Bool
    }

    /// Fetches the branch.
    ///
    /// - Throws: The repository cannot be asked, or has no such branch.
    public func fetch() async throws(Trouble) -> Newest {
        let before = try? await revision(of: newestRef)
        // With `+`, since a rewritten history is to be told and not refused.
        try await git([
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--", bareURL,
            "+refs/heads/\(branch):\(newestRef)",
        ])
        let revision = try await revision(of: newestRef)
        guard let before, before != revision else { return Newest(revision: revision, isRewritten: false) }
        let isAncestor = try await run(["merge-base", "--is-ancestor", before, revision]).exitCode == 0
        return Newest(revision: revision, isRewritten: !isAncestor)
    }

    /// The last revision that was marked as good, also by an earlier process; nil where there is none.
    public func good() async -> String? { try? await revision(of: goodRef) }

    /// Remembers `revision` as good; it is kept even where the branch's history is rewritten.
    public func mark(good revision: String) async throws(Trouble) { try await git(["update-ref", goodRef, revision]) }

    private func revision(of ref: String) async throws(Trouble) -> String {
        try await git(["rev-parse", "--verify", "--quiet", "\(ref)^{commit}"]).filter { !$0.isWhitespace }
    }

    // MARK: Files

    /// Checks a revision out into a directory of its own, whose path it returns.
    ///
    /// - Throws: It is not there, is empty, or cannot be written.
    public func checkOut(_ revision: String) async throws(Trouble) -> String {
        let tree = "\(trees)/\(revision)"
        if FileManager.default.fileExists(atPath: tree) { return tree }
        let listing = try await git(["ls-tree", "-r", "--name-only", "-z", revision])
        guard !listing.isEmpty else { throw Trouble(message: "the revision has no file at all", isOfTheRevision: true) }
        // Written beside and put in its place whole, so that a killed process leaves nothing that looks complete.
        let draft = "\(trees)/new"
        try? FileManager.default.removeItem(atPath: draft)
        let index = ["GIT_INDEX_FILE": "\(directory)/index"]
        try await git(["read-tree", revision], environment: index)
        try await git(
            ["--work-tree=\(trees)", "checkout-index", "--all", "--force", "--prefix=new/"],
            environment: index
        )
        guard rename(draft, tree) == 0 else {
            throw Trouble(message: "\(tree): cannot be written: \(String(cString: strerror(errno)).lowercased())")
        }
        return tree
    }

    /// Removes what is checked out, but for `revisions`.
    public func removeTrees(but revisions: Set<String>) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: trees)) ?? []
        for name in names where !revisions.contains(name) {
            try? FileManager.default.removeItem(atPath: "\(trees)/\(name)")
        }
    }

    // MARK: git

    @discardableResult
    private func git(
        _ arguments: [String],
        inside: Bool = true,
        environment: [String: String] = [:]
    ) async throws(Trouble) -> String {
        let ended = try await run(arguments, inside: inside, environment: environment)
        guard ended.exitCode == 0 else {
            let words = ended.errors.split(whereSeparator: \.isNewline).first { !$0.isEmpty }.map(String.init)
            throw Trouble(message: "git \(verb(of: arguments)): \(masked(words ?? ended.ending))")
        }
        return String(decoding: ended.output, as: UTF8.self)
    }

    private func run(
        _ arguments: [String],
        inside: Bool = true,
        environment: [String: String] = [:]
    ) async throws(Trouble) -> ChildProcess.Ended {
        guard let scratch = PrivateDirectory() else { throw Trouble(message: "/tmp takes no directory") }
        defer { scratch.remove() }
        // Hooks and filters would be programs of the repository; nobody is there to be asked for a password.
        var settings = [
            "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.askPass=true", "gc.autoDetach=false",
            "protocol.ext.allow=never", "advice.detachedHead=false", "core.autocrlf=false",
        ]
        var values = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("GIT_") || Self.kept.contains(name)
        }
        values["GIT_TERMINAL_PROMPT"] = "0"
        values["GIT_ASKPASS"] = "true"
        values["SSH_ASKPASS"] = "true"
        values["SSH_ASKPASS_REQUIRE"] = "never"
        values["LC_ALL"] = "C"
        // An ssh that would ask ends instead, unless the operator has said which one is to be used.
        if values["GIT_SSH_COMMAND"] == nil, values["GIT_SSH"] == nil {
            values["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o ConnectTimeout=15"
        }
        if let login {
            // Everybody on the machine can read a command line, and nobody else's variables.
            values["RECONCILER_GIT_LOGIN"] = "username=\(login.user)\npassword=\(login.password)"
            settings += ["credential.helper=", #"credential.helper=!printf '%s\n' "$RECONCILER_GIT_LOGIN"; :"#]
        }
        for (name, value) in environment {
            values[name] = value
            // What is only read from the mirror needs nothing of the user's settings, and their filters are not run.
            values["GIT_CONFIG_NOSYSTEM"] = "1"
            values["GIT_CONFIG_GLOBAL"] = "/dev/null"
        }
        let child = ChildProcess(
            program: program,
            arguments: (inside ? ["--git-dir=\(bare)"] : []) + settings.flatMap { ["-c", $0] } + arguments,
            deadline: deadline,
            environment: values
        )
        do {
            return try await child.run(in: scratch.path)
        } catch {
            throw Trouble(message: "git \(verb(of: arguments)): \(words(error))")
        }
    }

    /// How the operator reaches repositories; what points git at another repository or index is not let through.
    private static let kept: Set<String> = [
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_COMMAND",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_ALLOW_PROTOCOL",
    ]

    private func verb(of arguments: [String]) -> String { arguments.first { !$0.hasPrefix("-") } ?? "" }

    private func words(_ failure: ChildProcess.Failure) -> String {
        switch failure {
        case .notFound: "there is no git on this machine"
        case .late: "no answer within \(deadline.components.seconds) s"
        case .cancelled: "called off"
        case .tooMuchOutput: "too much was answered"
        case .other(let words): words
        }
    }

    /// What an http URL names besides the repository: git's own words would repeat it, and so would its command lines.
    private var login: (user: String, password: String)? {
        guard let place = userinfo, url.lowercased().hasPrefix("http") else { return nil }
        let parts = url[place].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        let (user, password) = (Self.percentDecoded(parts[0]), Self.percentDecoded(parts[1]))
        return (user + password).contains(where: \.isNewline) ? nil : (user, password)
    }

    private static func percentDecoded(_ text: String) -> String {
        var (bytes, rest) = ([UInt8](), Substring(text).utf8)
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = String(rest.prefix(2)).flatMap({ UInt8($0, radix: 16) }),
                rest.count > 1
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `url` without `login`.
    private var bareURL: String {
        guard login != nil, let place = userinfo else { return url }
        return String(url[..<place.lowerBound] + url[url.index(after: place.upperBound)...])
    }

    /// What stands between `://` and the `@` of the authority.
    private var userinfo: Range<String.Index>? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" }
        return authority.lastIndex(of: "@").map { scheme.upperBound..<$0 }
    }

    /// Without a user's name and password in a URL.
    private func masked(_ words: String) -> String {
        guard let userinfo else { return words }
        let whole = words.split(separator: url[userinfo] + "@", omittingEmptySubsequences: false).joined(
            separator: "•••@"
        )
        guard let password = login?.password, !password.isEmpty else { return whole }
        return whole.split(separator: password, omittingEmptySubsequences: false).joined(separator: "•••")
    }
}
