/// `watch.webhook`: who is told what the loop found and did.
public struct WebhookSpec: Hashable, Sendable {
    /// Whoever knows it can write there: no part of it but its host may be shown, also where it refers to no secret.
    public var url: Located<Content>
    /// The key that notices are signed with; they are not signed where there is none.
    public var secret: Located<Content>?
    /// A PEM file with the authorities to trust instead of the system's, relative to cluster.yaml.
    public var authority: Located<String>?

    public init(url: Located<Content>, secret: Located<Content>? = nil, authority: Located<String>? = nil) {
        self.url = url
        self.secret = secret
        self.authority = authority
    }

    /// Every secret that is needed to send anything, sorted, each once.
    public var secretReferences: [SecretReference] {
        (url.value.references + (secret?.value.references ?? [])).sortedOnce()
    }
}
