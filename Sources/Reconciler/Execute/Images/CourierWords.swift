internal import Specs

extension CourierError {
    /// What a step says that could not go on because of it.
    ///
    /// `doing` is such as `n1: could not bring libmesos/ubuntu`.
    func result(_ doing: String) -> StepResult {
        // Also where the origin has another image by now: one name that moves must not end what has nothing to do with it.
        StepResult(.failed("\(doing): \(message)"))
    }
}

extension TransferProgress {
    /// Such as `94 MB of 188 MB`.
    var words: String { "\(bytesInWords(done)) of \(bytesInWords(total))" }
}
