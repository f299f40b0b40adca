internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Reconciler
internal import Synchronization

/// What is wrong with a certificate that was not trusted.
///
/// BoringSSL says only that verification failed: a second handshake, which never becomes a connection, looks at what is
/// shown.
enum CertificateFault {
    static func explained(
        _ fault: Fault,
        _ endpoint: RESTEndpoint,
        at place: HTTPExchange.Place,
        tls: TLSConfiguration,
        within limit: Duration
    ) async -> Fault {
        let shown = await shown(by: endpoint, at: place, tls: tls, within: TimeAmount(limit))
        guard let (fact, move) = reading(shown, endpoint, now: time(nil)) else {
            return Fault(.untrusted, fault.fact, fault.move ?? look(endpoint))
        }
        return Fault(.untrusted, fact, move)
    }

    /// The fact and the next move, from the certificates as they were shown: the server's own first.
    ///
    /// nil where the second handshake showed none.
    static func reading(_ chain: [NIOSSLCertificate], _ endpoint: RESTEndpoint, now: time_t) -> (String, String)? {
        guard let own = chain.first else { return nil }
        let renew = "renew the certificate there"
        if let late = chain.first(where: { $0.notValidAfter < now }) {
            return ("its certificate expired on \(day(late.notValidAfter))", renew)
        }
        if let early = chain.first(where: { $0.notValidBefore > now }) {
            return ("its certificate is valid from \(day(early.notValidBefore)) only", "check the clocks, or \(renew)")
        }
        let names = own.names
        if !names.fit(endpoint.host) {
            return (
                "its certificate is for \(names.words) and not for \(endpoint.host)",
                "name the host as the certificate does, or \(renew) with that name in it"
            )
        }
        if chain.count == 1, own.isSelfIssued {
            return ("its certificate is self-signed and not among the trusted ones", declare(endpoint))
        }
        return ("its certificate was issued by an authority that is not trusted", declare(endpoint))
    }

    /// Where nothing is known but that it is not trusted.
    private static func look(_ endpoint: RESTEndpoint) -> String {
        let trusted = endpoint.authority.map { "\($0), which is trusted instead of the system's authorities," }
        return "look at when it expires and whether \(trusted ?? "the system") knows who issued it"
    }

    private static func declare(_ endpoint: RESTEndpoint) -> String {
        endpoint.authority.map {
            "\($0), which is trusted instead of the system's authorities, does not hold the right one"
        }
            ?? "name a PEM file with the authority's certificate in cluster.yaml (such as `marathon.authority`)"
    }

    private static func day(_ time: time_t) -> String {
        String(Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format().prefix(10))
    }

    private static func shown(
        by endpoint: RESTEndpoint,
        at place: HTTPExchange.Place,
        tls: TLSConfiguration,
        within limit: TimeAmount
    ) async -> [NIOSSLCertificate] {
        let shown = Shown()
        guard let context = try? NIOSSLContext(configuration: tls) else { return [] }
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let isAddress = endpoint.host.addressBytes != []
                    let handler = try NIOSSLClientHandler(
                        context: context,
                        serverHostname: isAddress ? nil : endpoint.host,
                        customVerificationCallback: { certificates, promise in
                            shown.certificates.withLock { $0 = certificates }
                            promise.succeed(.failed)
                        }
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                    channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                }
            }
        do {
            let channel =
                switch place {
                case .network: try await bootstrap.connect(host: endpoint.host, port: endpoint.port).get()
                case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
            try await channel.closeFuture.get()
        } catch {
            // What it would have told is told in general words.
        }
        return shown.certificates.withLock { $0 }
    }

    private final class Shown: Sendable {
        let certificates = Mutex<[NIOSSLCertificate]>([])
    }
}
