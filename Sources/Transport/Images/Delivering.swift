public import Reconciler
internal import Specs

extension DockerImageCourier {
    public func deliver(
        _ pack: ImagePack,
        to node: NodeTarget,
        from feeder: NodeTarget?,
        bandwidth: Int?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> Delivery {
        do throws(CourierError) {
            return try await turnstiles.alone(in: "deliver \(node.name)") { () throws(CourierError) in
                let tally = DeliveryTally(pack: pack, progress)
                if let feeder {
                    try await feed(pack, to: node, from: feeder, tally)
                }
                // After a feeder: the small parts, and nothing else.
                try await send(pack, to: node, rate: bandwidth, tally)
                return tally.delivery
            }
        } catch {
            throw masked(error)
        }
    }

    /// Sends what is missing, again after a broken connection.
    private func send(
        _ pack: ImagePack,
        to node: NodeTarget,
        rate: Int?,
        _ tally: DeliveryTally
    ) async throws(CourierError) {
        var attempt = 0
        while true {
            do throws(CourierError) {
                for session in PartSession.sessions(for: tally.missing) {
                    try await send(session, to: node, rate: rate, tally)
                }
                return
            } catch {
                guard error.kind == .unreachable, attempt < options.pauses.count, !Task.isCancelled else {
                    throw CourierError(error.kind, error.message, sent: tally.delivery.sent)
                }
            }
            await shell.access.forgetBrokenConnection(to: node)
            do { try await Task.sleep(for: options.pauses[attempt]) } catch {
                throw CourierError(
                    .cancelled,
                    "\(pack.reference) to \(node.name): cancelled",
                    sent: tally.delivery.sent
                )
            }
            attempt += 1
        }
    }

    private func send(
        _ session: PartSession,
        to node: NodeTarget,
        rate: Int?,
        _ tally: DeliveryTally
    ) async throws(CourierError) {
        let sender = PartSender(cache: cache, bandwidth: bandwidth, rate: rate, tally: tally, stall: options.stall)
        let ended: StreamedProcess.Ended<PartAnswer.Failure?>
        do throws(NodeAccessError) {
            ended = try await shell.run(
                [ShellCall("enter", [options.parts(of: node)])] + session.calls,
                of: .parts,
                at: .node(node)
            ) { pipes, reader in
                for part in session.parts {
                    if let failure = await sender.send(part, through: pipes, &reader) { return failure }
                }
                return nil
            }
        } catch {
            throw CourierError(error)
        }
        guard let failure = ended.value else { return }
        throw await failure.error(at: SSHFailure.label(node), said: ended.errors, cache: cache)
    }
}

/// What one session carries: small parts, whose bytes the node counts one by one, and at most one large one, to the end.
struct PartSession: Hashable {
    var parts: [ImagePack.Part]

    /// Up to here counting costs the node less than another session would.
    static let small = 16_384

    static func sessions(for parts: [ImagePack.Part]) -> [PartSession] {
        let large = parts.filter { $0.bytes > small }
        let first = parts.filter { $0.bytes <= small } + large.prefix(1)
        return (first.isEmpty ? [] : [PartSession(parts: first)]) + large.dropFirst().map { PartSession(parts: [$0]) }
    }

    var calls: [ShellCall] {
        parts.map {
            ShellCall($0.bytes > Self.small ? "receive_last" : "receive", [$0.digest, String($0.bytes)])
        }
    }
}

/// A line of the node's about a part.
enum PartAnswer: Hashable {
    enum Failure: Hashable, Sendable {
        case short, damaged(String), cleared
        /// The connection or the shell broke.
        case silent
        case missingHere(String)
        case said(kind: String, words: String)
        case cancelled
    }

    case have
    case at(Int)
    case checking, whole
    case failed(Failure)

    init(_ line: String?, of digest: String) {
        let words = (line ?? "").split(separator: " ", maxSplits: 2).map(String.init)
        self =
            switch words.first {
            case "have": .have
            case "at": words.count > 1 ? Int(words[1]).map(PartAnswer.at) ?? .failed(.silent) : .failed(.silent)
            case "checking": .checking
            case "whole": .whole
            case "short": .failed(.short)
            case "damaged": .failed(.damaged(digest))
            case "fail" where words.count > 2:
                words[1] == "cleared" ? .failed(.cleared) : .failed(.said(kind: words[1], words: words[2]))
            default: .failed(.silent)
            }
    }
}

extension PartAnswer.Failure {
    func error(at node: String, said errors: String, cache: PartCache) async -> CourierError {
        switch self {
        case .short, .silent:
            let words = lastLine(errors)
            return CourierError(
                .unreachable,
                "\(node): the transfer broke off\(words.isEmpty ? "" : " (\(words))"); run again, what arrived stays"
            )
        case .damaged(let digest):
            let isOurs = await cache.dropIfDamaged(digest)
            let whose = isOurs ? "the copy in \(cache.directory) was damaged and is gone" : "it changed on its way"
            return CourierError(.damaged, "\(node): a part is not what its digest says: \(whose); run again")
        case .cleared:
            return CourierError(.other, "\(node): its directory of parts was cleared meanwhile; run again")
        case .missingHere(let path): return CourierError(.other, "\(path) is gone from this machine's cache; run again")
        case .cancelled: return CourierError(.cancelled, "\(node): the transfer was cancelled; what arrived stays")
        case .said(let kind, let words):
            switch kind {
            case "full": return CourierError(.diskFull, "\(node): \(words); make room for the image there")
            case "permission":
                return CourierError(.permission, "\(node): \(words); parts need root there: check `ssh.become`")
            case "feeder": return CourierError(.feeder, "\(node): the node that feeds it: \(words)")
            default: return CourierError(.other, "\(node): \(words); look at the node")
            }
        }
    }
}
