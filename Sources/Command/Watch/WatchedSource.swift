internal import Reconciler
internal import Rendering
internal import Specs

/// Where declarations come from, one after the other.
protocol DeclarationSource: Sendable {
    func newest() async -> DeclarationOffer
    /// The last good one, also of an earlier process.
    func lastGood() async -> DeclarationOffer?
}

/// As `LoopOffer`, before anything of the loop is known.
enum DeclarationOffer: Sendable {
    /// `identity` tells contents apart.
    case declared(Declared, revision: String?, identity: String)
    case unreadable(revision: String?, reason: String)
    case unreachable(reason: String)
}

extension DeclarationSource {
    func lastGood() async -> DeclarationOffer? { nil }

    /// What a loop begins with: it must know which cluster it is about.
    /// - Throws: `Stop` where nothing can be had.
    func first() async throws -> Declared {
        let reason: String
        switch await newest() {
        case .declared(let declared, _, _): return declared
        case .unreadable(let revision, let words): reason = (revision.map { "\($0): " } ?? "") + words
        case .unreachable(let words): reason = words
        }
        try Task.checkCancellation()
        guard case .declared(let declared, _, _)? = await lastGood() else { throw Stop(.failure, reason) }
        return declared
    }
}

/// A source as the loop takes it.
struct WatchedSource: LoopSource {
    var source: any DeclarationSource
    /// What the loop is to know of a declaration.
    var watched: @Sendable (_ declared: Declared, _ revision: String?, _ identity: String) -> LoopDeclaration

    func newest() async -> LoopOffer {
        switch await source.newest() {
        case .declared(let declared, let revision, let identity): .declared(watched(declared, revision, identity))
        case .unreadable(let revision, let reason): .unreadable(revision: revision, reason: reason)
        case .unreachable(let reason): .unreachable(reason: reason)
        }
    }

    func lastGood() async -> LoopDeclaration? {
        guard case .declared(let declared, let revision, let identity)? = await source.lastGood() else { return nil }
        return watched(declared, revision, identity)
    }
}

extension Declaration {
    /// Whole, or why it is of no use: the first fault with its place, and how many more there are.
    func checked(directory: String?) -> Result<Declared, Unreadable> {
        let faults = diagnostics.filter { $0.severity == .error }
        guard let spec, faults.isEmpty else {
            let first = faults.first?.description ?? "it cannot be read"
            let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
            return .failure(Unreadable(reason: first + more))
        }
        return .success(
            Declared(
                spec: spec,
                apps: apps,
                source: Plan.Source(file: spec.file, revision: revision),
                directory: directory
            )
        )
    }

    struct Unreadable: Error {
        var reason: String
    }
}
