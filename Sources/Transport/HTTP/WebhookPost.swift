internal import FoundationEssentials
public import Reconciler
public import Specs

/// Sends notices to a webhook: one request, and the status that it was answered with.
///
/// The certificate is verified, no redirect is followed and nothing is tried twice here. `close()` ends what is under way.
public final class WebhookPost: Sendable {
    private let exchange = HTTPExchange(options: NetworkOptions(bodyLimit: 64 << 10, requestsAtOnce: 1))
    private let trust: TrustStore

    /// Paths of authorities are relative to `directory`.
    public init(directory: String) { trust = TrustStore(directory: directory) }

    /// - Parameters:
    ///   - body: JSON.
    ///   - headers: Beside those of JSON and of the URL's own user and password.
    ///   - address: Where to.
    ///   - authority: A PEM file with the authorities to trust instead of the system's.
    ///   - limit: For all of it.
    ///   - now: Seconds since 1970.
    /// - Returns: nil when the task was cancelled.
    public func send(
        _ body: [UInt8],
        headers: [(name: String, value: String)],
        to address: WebAddress,
        authority: String?,
        within limit: Duration,
        at now: Int
    ) async -> WebhookAnswer? {
        // Its words show what a fault of this endpoint shows: the host, and neither path nor user.
        let endpoint = RESTEndpoint(
            address.isEncrypted ? .https : .http,
            host: address.host,
            port: address.port,
            authority: authority
        )
        var fields = [(name: "Content-Type", value: "application/json"), (name: "Accept", value: "*/*")] + headers
        if let credentials = address.credentials {
            fields.append((name: "Authorization", value: "Basic " + Data(credentials.utf8).base64EncodedString()))
        }
        let request = RESTRequest(.post, address.target, headers: fields, body: body, deadline: limit)
        let outcome = await limited(to: limit) { [exchange, trust] in
            do throws(Fault) {
                let tls = try trust.configuration(for: endpoint)
                return .success(
                    try await exchange.answer(to: request, from: endpoint, at: .network, tls: tls, headDecides: true)
                )
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let answer):
            let asked = answer.header("Retry-After").flatMap { RetryAfter.seconds($0, at: now) }
            return .status(answer.status, retryAfterSeconds: asked)
        case .failure(let fault):
            guard fault.kind != .cancelled else { return nil }
            return .none(fault.kind, fault.error(at: endpoint).message)
        }
    }

    public func close() async { await exchange.close() }
}
