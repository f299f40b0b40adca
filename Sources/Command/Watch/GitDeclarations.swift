internal import Reconciler
internal import Specs
internal import Transport

/// A branch of a git repository: every revision is read whole out of a directory of its own.
///
/// A revision that cannot be read, a branch that is gone and a repository that does not answer leave the last good one be.
actor GitDeclarations: DeclarationSource {
    private let mirror: GitMirror
    private let file: String
    private let tell: @Sendable (String) -> Void
    private var isPrepared = false
    /// Of the newest revision.
    private var last: (revision: String, offer: DeclarationOffer)?
    /// Revisions that were read whole, the newest last: a round may still go on with the one before.
    private var used: [String] = []

    /// - Parameters:
    ///   - mirror: Of the branch.
    ///   - file: The declaration's path in the repository.
    ///   - tell: Hears what is worth knowing and no trouble.
    init(mirror: GitMirror, file: String, tell: @escaping @Sendable (String) -> Void) {
        self.mirror = mirror
        self.file = file
        self.tell = tell
    }

    func newest() async -> DeclarationOffer {
        do throws(GitMirror.Trouble) {
            try await prepare()
            let newest = try await mirror.fetch()
            if let last, last.revision == newest.revision { return last.offer }
            if newest.isRewritten {
                tell("the history of \(mirror.branch) was rewritten; it is \(newest.revision.prefix(12)) now")
            }
            let offer = try await read(newest.revision)
            last = (newest.revision, offer)
            return offer
        } catch {
            return .unreachable(reason: error.message)
        }
    }

    func lastGood() async -> DeclarationOffer? {
        guard let revision = await mirror.good() else { return nil }
        return try? await read(revision)
    }

    private func prepare() async throws(GitMirror.Trouble) {
        guard !isPrepared else { return }
        try await mirror.prepare()
        isPrepared = true
    }

    private func read(_ revision: String) async throws(GitMirror.Trouble) -> DeclarationOffer {
        let short = String(revision.prefix(12))
        let tree: String
        do throws(GitMirror.Trouble) { tree = try await mirror.checkOut(revision) } catch {
            guard error.isOfTheRevision else { throw error }
            return .unreadable(revision: short, reason: error.message)
        }
        let path = "\(tree)/\(file)"
        let place = DeclaredFile(path)
        let reading = SpecReader.read(place.name, from: DirectorySpecSource(place.directory), named: file)
        let declaration = Declaration(
            spec: reading.spec,
            apps: reading.apps,
            diagnostics: reading.diagnostics,
            revision: short
        )
        switch declaration.checked(directory: place.directory) {
        case .failure(let fault):
            mirror.removeTrees(but: Set(used))
            return .unreadable(revision: short, reason: fault.reason)
        case .success(let declared):
            used = (used.filter { $0 != revision } + [revision]).suffix(2)
            mirror.removeTrees(but: Set(used))
            // Where it cannot be marked, a restart begins with the one before: no reason to do nothing now.
            try? await mirror.mark(good: revision)
            return .declared(declared, revision: short, identity: revision)
        }
    }
}
