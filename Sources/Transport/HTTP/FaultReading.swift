internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Reconciler

extension Fault {
    /// What the client's error is, given how far the request came.
    init(_ error: any Error, after progress: WholeAnswer.Progress, limits: NetworkOptions) {
        switch error {
        case let fault as Fault: self = fault
        case is CancellationError: self.init(cancelledAfter: progress)
        case let error as HTTPClientError: self.init(error, after: progress, limits: limits)
        case ChannelError.connectTimeout: self.init(noConnectionWithin: limits.connectTimeout)
        // The peer hung up before the request was written, or while it was.
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof,
            ChannelError.inputClosed, ChannelError.outputClosed:
            self.init(endedAfter: progress)
        case let error as NIOConnectionError: self.init(error, limits: limits)
        case let error as IOError: self.init(number: error.errnoCode, after: progress)
        case let error as NIOSSLError: self.init(error, after: progress)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(
                .untrusted,
                "its certificate is for another host",
                "name the host as the certificate does, or renew the certificate there with that name in it"
            )
        case HTTPParserError.invalidEOFState: self.init(endedAfter: progress)
        case is HTTPParserError:
            self.init(
                .interrupted,
                mayHaveArrived: progress.isSent,
                "what came is no whole HTTP answer (\(error))",
                "look at what listens on that port"
            )
        default:
            // Only types: what a description quotes may be a header's value.
            self.init(.interrupted, mayHaveArrived: progress.isSent, "the request failed (\(type(of: error)))")
        }
    }

    init(noHandshakeWithin limit: Duration) {
        self.init(
            .timedOut,
            "it took the connection and did not answer the TLS handshake within \(limit.inSeconds)",
            "check that it speaks https on that port"
        )
    }

    private init(endedAfter progress: WholeAnswer.Progress) {
        self.init(
            .interrupted,
            mayHaveArrived: progress.isSent,
            progress.isAnswered
                ? "the connection ended in the middle of the answer" : "the connection ended without an answer",
            "look at the log of the process there"
        )
        isMute = !progress.isAnswered
    }

    private init(cancelledAfter progress: WholeAnswer.Progress) {
        self.init(
            .cancelled,
            mayHaveArrived: progress.isSent,
            progress.isSent ? "cancelled while it was answering" : "cancelled while connecting"
        )
    }

    private init(noConnectionWithin limit: Duration) {
        self.init(
            .unreachable,
            "no connection within \(limit.inSeconds)",
            "check that the host is up, that no firewall drops the port, and that http or https is the right one"
        )
    }

    private init(_ error: HTTPClientError, after progress: WholeAnswer.Progress, limits: NetworkOptions) {
        switch error {
        case .cancelled: self.init(cancelledAfter: progress)
        case .connectTimeout, .getConnectionFromPoolTimeout: self.init(noConnectionWithin: limits.connectTimeout)
        case .tlsHandshakeTimeout: self.init(noHandshakeWithin: limits.connectTimeout)
        case .remoteConnectionClosed, .uncleanShutdown: self.init(endedAfter: progress)
        case .alreadyShutdown: self.init(.cancelled, "nothing is sent any more: the run is ending")
        case .invalidURL, .emptyHost, .emptyScheme:
            self.init(.interrupted, "host and path make no address", "mend the host in cluster.yaml")
        default:
            // Its short form quotes nothing: the other names header values.
            self.init(.interrupted, mayHaveArrived: progress.isSent, "no HTTP (\(error.shortDescription.lowercased()))")
        }
    }

    private init(_ error: NIOConnectionError, limits: NetworkOptions) {
        let numbers = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
        if error.connectionErrors.isEmpty {
            self.init(
                .unreachable,
                "its name does not resolve",
                "check the host in cluster.yaml and the resolver of this machine"
            )
        } else if let number = numbers.first(where: { $0 == ECONNREFUSED }) ?? numbers.first {
            self.init(number: number, after: WholeAnswer.Progress())
        } else {
            self.init(noConnectionWithin: limits.connectTimeout)
        }
    }

    /// An error of the system, by its `errno`.
    init(number: CInt, after progress: WholeAnswer.Progress) {
        let words = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        switch number {
        case ECONNREFUSED where !progress.isSent:
            self.init(.refused, "nobody listens on the port (\(words))", "check that the process runs there")
        case ECONNRESET, EPIPE, ECONNABORTED:
            self.init(
                .interrupted,
                mayHaveArrived: progress.isSent,
                "the connection broke (\(words))",
                "look at the log of the process there"
            )
            isMute = !progress.isAnswered
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            self.init(.interrupted, mayHaveArrived: progress.isSent, "this machine is out of sockets (\(words))")
        default:
            self.init(
                progress.isSent ? .interrupted : .unreachable,
                mayHaveArrived: progress.isSent,
                "no way to it (\(words))",
                "check that the host is up and the way to it"
            )
        }
    }

    private init(_ error: NIOSSLError, after progress: WholeAnswer.Progress) {
        switch error {
        case .handshakeFailed(.sslError(let stack)) where stack.contains(where: \.isOfTheCertificate):
            self.init(.untrusted, "its certificate is not trusted")
        case .handshakeFailed, .unableToValidateCertificate:
            self.init(
                .interrupted,
                mayHaveArrived: progress.isSent,
                "the TLS handshake failed (\(error))",
                "check that it speaks https on that port"
            )
        default:
            self.init(
                .interrupted,
                mayHaveArrived: progress.isSent,
                "the TLS connection broke (\(error))",
                "look at the log of the process there"
            )
        }
    }
}

extension BoringSSLInternalError {
    fileprivate var isOfTheCertificate: Bool { description.contains("CERTIFICATE_VERIFY_FAILED") }
}
