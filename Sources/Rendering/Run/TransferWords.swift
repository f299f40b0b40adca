internal import Reconciler

extension TransferProgress {
    /// How many tenths have travelled, 0 to 10.
    var tenth: Int { total > 0 ? min(10, max(0, done) * 10 / total) : 10 }

    /// `14 of 188 MB, 11 MB/s`.
    func words(_ bytesPerSecond: Double?) -> String {
        let speed = bytesPerSecond.flatMap { Int(exactly: $0.rounded()) }.map { ", \(bytesInWords($0))/s" } ?? ""
        return "\(bytesInWords(done)) of \(bytesInWords(total))\(speed)"
    }
}
