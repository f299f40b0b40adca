internal import Glibc
internal import Reconciler
internal import Synchronization
internal import SystemPackage

/// Sends parts through one session with a node.
struct PartSender: Sendable {
    var cache: PartCache
    var bandwidth: Bandwidth
    var rate: Int?
    var tally: DeliveryTally
    var stall: Duration

    /// - Returns: why the part is not there; nil where it is.
    func send(
        _ part: ImagePack.Part,
        through pipes: ProcessPipes,
        _ reader: inout ProcessPipes.Reader
    ) async -> PartAnswer.Failure? {
        switch PartAnswer(await reader.line(), of: part.digest) {
        case .have:
            tally.have(part)
            return nil
        case .at(let offset):
            tally.found(offset, of: part)
            if let failure = await write(part, from: offset, to: pipes) { return failure }
            if part.bytes > PartSession.small { await pipes.finish() }
            let failure = await Self.settled(part, &reader, pipes.watch, stall)
            if failure == nil { tally.settled(part) }
            return failure
        case .failed(let failure): return failure
        case .checking, .whole: return .silent
        }
    }

    private func write(_ part: ImagePack.Part, from offset: Int, to pipes: ProcessPipes) async -> PartAnswer.Failure? {
        let path = cache.path(part.digest)
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
            return .missingHere(path)
        }
        defer { try? file.close() }
        guard (try? file.seek(offset: Int64(offset), from: .start)) != nil else { return .missingHere(path) }
        var left = part.bytes - offset
        while left > 0 {
            guard let piece = PartCache.piece(of: file, most: min(left, Bandwidth.piece(at: rate))), !piece.isEmpty
            else { return .missingHere(path) }
            guard await bandwidth.pass(piece.count, at: rate) else { return .cancelled }
            // What it says of why it takes no more is read next.
            guard await pipes.write(piece) else { return nil }
            left -= piece.count
            tally.sent(piece.count, of: part)
        }
        return nil
    }

    /// Waits for the node's verdict; checking a large part takes a while during which it says nothing.
    static func settled(
        _ part: ImagePack.Part,
        _ reader: inout ProcessPipes.Reader,
        _ watch: StallWatch,
        _ stall: Duration
    ) async -> PartAnswer.Failure? {
        while true {
            switch PartAnswer(await reader.line(), of: part.digest) {
            case .checking: watch.allow(stall + .seconds(part.bytes / 5_000_000))
            case .whole:
                watch.allow(stall)
                return nil
            case .failed(let failure): return failure
            case .have, .at: return .silent
            }
        }
    }
}

/// Counts what a delivery has sent and what was there.
final class DeliveryTally: Sendable {
    private struct State {
        var sent = 0
        var present = 0
        /// By part, what the node has for sure or is being sent.
        var there: [String: Int] = [:]
        var whole: Set<String> = []
    }

    private let parts: [ImagePack.Part]
    private let total: Int
    private let state = Mutex(State())
    private let gate: ProgressGate

    init(pack: ImagePack, _ progress: @escaping @Sendable (TransferProgress) -> Void) {
        var seen: Set<String> = []
        parts = pack.parts.filter { seen.insert($0.digest).inserted }
        total = parts.reduce(0) { $0 + $1.bytes }
        gate = ProgressGate(progress)
    }

    /// Parts that are not known to be on the node, each once.
    var missing: [ImagePack.Part] { state.withLock { state in parts.filter { !state.whole.contains($0.digest) } } }

    var delivery: Delivery { state.withLock { Delivery(sent: $0.sent, present: $0.present) } }

    func have(_ part: ImagePack.Part) {
        change { state in
            // Not what an earlier attempt of this delivery has sent.
            if state.there[part.digest] == nil { state.present += part.bytes }
            state.there[part.digest] = part.bytes
            state.whole.insert(part.digest)
        }
    }

    /// So much of a part is on the node.
    func found(_ bytes: Int, of part: ImagePack.Part) {
        change { state in
            if state.there[part.digest] == nil { state.present += bytes }
            state.there[part.digest] = bytes
        }
    }

    func sent(_ bytes: Int, of part: ImagePack.Part) {
        change { state in
            state.sent += bytes
            state.there[part.digest, default: 0] += bytes
        }
    }

    /// A feeder's part has grown to `bytes`.
    func grown(to bytes: Int, of part: ImagePack.Part) {
        let before = state.withLock { $0.there[part.digest] ?? 0 }
        if bytes > before { sent(bytes - before, of: part) }
    }

    func settled(_ part: ImagePack.Part) { change { $0.whole.insert(part.digest) } }

    private func change(_ body: (inout State) -> Void) {
        let done = state.withLock { state in
            body(&state)
            return state.there.values.reduce(0, +)
        }
        gate.show(min(done, total), of: total)
    }
}
