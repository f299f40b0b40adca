internal import NIOSSL
internal import Reconciler
internal import Synchronization

/// Whose certificates are trusted: the system's authorities, or those of a declared PEM file instead.
final class TrustStore: Sendable {
    private let directory: String
    /// By path; a file is read once a run.
    private let read = Mutex<[String: TLSConfiguration]>([:])

    init(directory: String) { self.directory = directory }

    /// nil where the endpoint has no TLS.
    func configuration(for endpoint: RESTEndpoint) throws(Fault) -> TLSConfiguration? {
        guard endpoint.scheme == .https else { return nil }
        guard let authority = endpoint.authority else { return .makeClientConfiguration() }
        let path = authority.hasPrefix("/") ? authority : "\(directory)/\(authority)"
        if let configuration = read.withLock({ $0[path] }) { return configuration }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw Fault(
                .untrusted,
                "\(path): no certificates in PEM form can be read from it",
                "mend the file or `authority` in cluster.yaml"
            )
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        read.withLock { [configuration] in $0[path] = configuration }
        return configuration
    }
}
