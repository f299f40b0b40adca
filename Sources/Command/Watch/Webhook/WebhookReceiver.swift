internal import Reconciler
internal import Specs
internal import Transport

/// A declared webhook with the way to it.
///
/// Its secrets are looked up for every try, so that a new one needs no restart.
struct WebhookReceiver: Sendable {
    let spec: WebhookSpec
    private let directory: String
    private let secretDirectory: String
    private let post: WebhookPost

    init(_ spec: WebhookSpec, of declared: Declared) {
        self.spec = spec
        directory = declared.directory
        secretDirectory = declared.secretDirectory
        post = WebhookPost(directory: declared.directory)
    }

    /// Whether `declared` declares the same, at the same place.
    func isThat(of declared: Declared) -> Bool {
        spec == declared.spec.other.watch.webhook && directory == declared.directory
            && secretDirectory == declared.secretDirectory
    }

    /// Where to and by which key; holds secrets.
    struct Ready: Sendable {
        var address: WebAddress
        /// nil: not signed.
        var key: [UInt8]?
    }

    /// Why nothing can be sent, in words that may be shown.
    struct Trouble: Error {
        var words: String
    }

    func ready() throws(Trouble) -> Ready {
        let secrets: SecretStore
        let source = DirectorySpecSource(secretDirectory)
        do throws(MissingSecrets) { secrets = try SecretReader(source: source).store(for: spec.secretReferences) } catch
        {
            throw Trouble(words: error.faults.joined(separator: "; "))
        }
        guard let url = secrets.reveal(spec.url.value) else { throw Trouble(words: "its URL has no value") }
        let key = spec.secret.map { secrets.reveal($0.value).map { Array($0.utf8) } }
        // Unsigned only where nobody asked for a signature.
        if case .some(.none) = key { throw Trouble(words: "its secret has no value") }
        do throws(WebAddress.Fault) {
            return Ready(address: try WebAddress(url), key: key ?? nil)
        } catch {
            throw Trouble(words: "its URL is of no use: \(error.message)")
        }
    }

    /// What it is called where people read it.
    var label: String {
        guard let ready = try? ready() else { return "watch.webhook" }
        return "watch.webhook (\(ready.address))"
    }

    /// One try; nil when it was cancelled.
    func deliver(_ entry: WebhookQueue.Entry, within limit: Duration, at now: Int) async -> WebhookAnswer? {
        let ready: Ready
        do throws(Trouble) { ready = try self.ready() } catch { return .unsent(error.words) }
        let body = Array(entry.body.utf8)
        var headers = [
            (name: "User-Agent", value: "reconciler/\(reconcilerVersion)"),
            (name: "Reconciler-Id", value: entry.id),
            (name: "Reconciler-Attempt", value: "\(entry.tries + 1)"),
        ]
        if let key = ready.key {
            headers.append((name: "Reconciler-Signature", value: WebhookSignature.header(of: body, key: key, at: now)))
        }
        return await post.send(
            body,
            headers: headers,
            to: ready.address,
            authority: spec.authority?.value,
            within: limit,
            at: now
        )
    }

    func close() async { await post.close() }
}
