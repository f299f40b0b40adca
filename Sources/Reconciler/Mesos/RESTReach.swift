internal import FoundationEssentials
public import Specs

/// How one logs in to the daemons' REST APIs; `user:password` each.
public struct RESTLogins: Hashable, Sendable {
    /// Masters and agents (mesos-zk-ops.md 5.4).
    public var mesos: Content?
    public var marathon: Content?
    /// Sent as `Authorization: token=…` instead (marathon-api.md 6).
    public var marathonToken: Content?

    public init(mesos: Content? = nil, marathon: Content? = nil, marathonToken: Content? = nil) {
        self.mesos = mesos
        self.marathon = marathon
        self.marathonToken = marathonToken
    }

    /// The value of `Authorization`; nil: none is declared.
    ///
    /// Only for the moment of sending.
    func authorization(for service: ServiceName, _ secrets: SecretStore) throws(MissingSecret) -> String? {
        switch service {
        case .marathon:
            if let marathonToken { return "token=" + (try reveal(marathonToken, secrets)) }
            return try marathon.map { (login) throws(MissingSecret) in Self.basic(try reveal(login, secrets)) }
        default: return try mesos.map { (login) throws(MissingSecret) in Self.basic(try reveal(login, secrets)) }
        }
    }

    private func reveal(_ content: Content, _ secrets: SecretStore) throws(MissingSecret) -> String {
        if let text = secrets.reveal(content.withoutTrailingNewlines) { return text }
        let missing = content.references.filter { secrets.reveal(Content([.secret($0)])) == nil }
        let words = missing.map(\.description).joined(separator: ", ")
        throw MissingSecret(reference: words.isEmpty ? "a redacted part" : words)
    }

    private static func basic(_ login: String) -> String { "Basic " + Data(login.utf8).base64EncodedString() }

    struct MissingSecret: Error {
        /// One or several, for words.
        var reference: String
    }
}

/// Asks REST APIs over the network (or the node's ssh connection: the transport's business), a bounded number at a time.
///
/// What it cannot reach may still be asked on the node itself by `FactRequest.http`, which serves small answers without a
/// login. Whoever visits the nodes does that (`NodeVisits`), since there a visit carries all of a node's questions.
struct RESTReach: Sendable {
    /// Of each request, as stated in what is said of it.
    static let deadline = Duration.seconds(10)
    private static let atOnce = 16

    private let transport: any HTTPTransport
    private let logins: RESTLogins
    private let secrets: SecretStore

    init(_ transport: any HTTPTransport, logins: RESTLogins, secrets: SecretStore) {
        self.transport = transport
        self.logins = logins
        self.secrets = secrets
    }

    /// What each question brought; `.unknown` where the way there failed.
    func ask(_ questions: [RESTQuestion]) async -> [RESTQuestion: RESTReply] {
        let ask: @Sendable (RESTQuestion) async -> (RESTQuestion, RESTReply) = { ($0, await self.ask($0)) }
        let replies = try? await questions.mapConcurrently(limit: Self.atOnce, ask)
        return Dictionary(replies ?? []) { first, _ in first }
    }

    func ask(_ question: RESTQuestion) async -> RESTReply {
        var reply = RESTReply.unknown("nothing was asked")
        for path in question.paths {
            reply = await get(path, question)
            guard reply.isUnknownPath else { return reply }
        }
        return reply
    }

    private func get(_ path: String, _ question: RESTQuestion) async -> RESTReply {
        let headers: [(name: String, value: String)]
        do throws(RESTLogins.MissingSecret) {
            let login = try logins.authorization(for: question.service, secrets)
            headers = [("Accept", "application/json")] + (login.map { [("Authorization", $0)] } ?? [])
        } catch {
            return .unknown("\(question.endpoint): the login's \(error.reference) has no value")
        }
        do throws(RESTError) {
            let request = RESTRequest(.get, path, headers: headers, deadline: Self.deadline)
            let answer = try await transport.send(request, to: question.endpoint)
            let body = String(decoding: answer.body, as: UTF8.self)
            return .answered(status: answer.status, body: body, location: answer.header("Location"))
        } catch {
            return error.kind == .refused ? .absent : .unknown(error.message)
        }
    }
}
