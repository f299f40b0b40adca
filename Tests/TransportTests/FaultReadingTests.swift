import NIOCore
import Reconciler
import Testing

@testable import Transport

struct FaultReadingTests {
    @Test(
        "A connection that was already closed when the request was to be written ended without an answer",
        arguments: [ChannelError.ioOnClosedChannel, .alreadyClosed, .eof, .inputClosed, .outputClosed]
    )
    func hungUpBeforeTheRequest(_ error: ChannelError) {
        let limits = NetworkOptions()
        let unsent = Fault(error, after: WholeAnswer.Progress(), limits: limits)
        #expect(unsent.isMute, "so that a tunnel asks the node who listens there")
        #expect(unsent.kind == .interrupted)
        #expect(!unsent.mayHaveArrived)
        #expect(unsent.fact == "the connection ended without an answer")

        let sent = Fault(error, after: WholeAnswer.Progress(isSent: true), limits: limits)
        #expect(sent.isMute)
        #expect(sent.mayHaveArrived)

        let answered = Fault(error, after: WholeAnswer.Progress(isSent: true, isAnswered: true), limits: limits)
        #expect(!answered.isMute)
        #expect(answered.mayHaveArrived)
    }
}
