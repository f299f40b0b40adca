internal import Reconciler

extension NodeAccessError {
    /// A program on this side that did not come to its end.
    init(_ failure: ChildProcess.Failure, running what: String, within limit: Duration) {
        switch failure {
        case .notFound:
            self.init(.protocolViolation, "\(what): the program is not installed on this machine; install it")
        case .late(let errors):
            let words = lastLine(errors)
            self.init(
                .timedOut,
                "\(what): no end within \(limit.components.seconds) s\(words.isEmpty ? "" : " (\(words))"); "
                    + "what was reached is unknown, observe again"
            )
        case .cancelled: self.init(.interrupted, "\(what): cancelled; what was reached is unknown")
        case .tooMuchOutput(let bytes):
            self.init(.protocolViolation, "\(what): more than \(bytes >> 20) MiB came back; ask for less at once")
        case .other(let words): self.init(.interrupted, "\(what): \(words)")
        }
    }
}
