internal import Specs

extension CourierError {
    /// What a step says that could not go on because of it.
    ///
    /// `doing` is such as `n1: could not bring libmesos/ubuntu`.
    func result(_ doing: String) -> StepResult {
        switch kind {
        case .moved: StepResult(.failed("\(doing): \(message)"), failedAssumption: message)
        case .unreachable, .feeder, .absent, .engineDown, .permission, .diskFull, .damaged, .buildFailed, .cancelled,
            .other:
            StepResult(.failed("\(doing): \(message)"))
        }
    }
}

extension TransferProgress {
    /// Such as `94 MB of 188 MB`.
    var words: String { "\(bytesInWords(done)) of \(bytesInWords(total))" }
}
