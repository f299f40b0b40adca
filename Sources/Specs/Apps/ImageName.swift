/// A Docker image's name, taken apart.
public struct ImageName: Hashable, Sendable {
    /// Registry and path, without tag or digest, such as `feuyeux/nginx`.
    public var repository: String
    /// `latest` where nothing is said and there is no digest.
    public var tag: String?
    public var digest: String?

    public init(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        digest = parts.count == 2 ? String(parts[1]) : nil
        let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[lastSlash...].lastIndex(of: ":") {
            repository = String(name[..<colon])
            tag = String(name[name.index(after: colon)...])
        } else {
            repository = String(name)
            tag = digest == nil ? "latest" : nil
        }
    }

    /// As engines list it: `repository:tag`, `:latest` where nothing is said; with a digest `repository@sha256:…`.
    ///
    /// Docker's own registry is left out of it, as engines leave it out: `docker.io/library/nginx` is `nginx:latest`.
    public var reference: String {
        var name = repository[...]
        for host in ["docker.io/", "index.docker.io/"] where name.hasPrefix(host) { name = name.dropFirst(host.count) }
        let official = "library/"
        if registry.map({ ["docker.io", "index.docker.io"].contains($0) }) ?? true, name.hasPrefix(official),
            !name.dropFirst(official.count).contains("/")
        {
            name = name.dropFirst(official.count)
        }
        return digest.map { "\(name)@\($0)" } ?? "\(name):\(tag ?? "latest")"
    }

    /// The registry it is pulled from, nil where Docker would ask its default one.
    public var registry: String? {
        let parts = repository.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let head = parts.first else { return nil }
        return head.contains(".") || head.contains(":") || head == "localhost" ? String(head) : nil
    }
}
