internal import Specs

extension CourierError {
    /// What a step says that could not go on because of it.
    ///
    /// - Parameter doing: Such as `n1: could not bring libmesos/ubuntu`.
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
    var words: String { "\(inMegabytes(done)) of \(inMegabytes(total))" }
}

/// Bytes as people read them: `0.3 MB`, `94 MB`.
func inMegabytes(_ bytes: Int) -> String {
    guard bytes < 10_000_000 else { return "\((bytes + 500_000) / 1_000_000) MB" }
    let tenths = (bytes + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
}
