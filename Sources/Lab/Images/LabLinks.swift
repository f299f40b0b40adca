internal import Synchronization

/// What machines send at this moment, which shares what they can send.
final class LabLinks: Sendable {
    /// What one machine can send.
    static let bytesASecond = 100_000_000

    /// Transfers by sender; the operator's machine is the empty name.
    private let transfers = Mutex<[String: Int]>([:])

    func begin(_ sender: String) { transfers.withLock { $0[sender, default: 0] += 1 } }
    func end(_ sender: String) { transfers.withLock { $0[sender, default: 1] -= 1 } }

    /// Bytes a second of one of the sender's transfers.
    func rate(of sender: String, atMost bandwidth: Int?) -> Int {
        let all = min(Self.bytesASecond, bandwidth ?? Self.bytesASecond)
        return max(1, all / max(1, transfers.withLock { $0[sender] ?? 1 }))
    }

    /// How long so many bytes take, rounded up.
    static func milliseconds(_ bytes: Int, at rate: Int) -> Int { (bytes * 1000 + rate - 1) / rate }
}
