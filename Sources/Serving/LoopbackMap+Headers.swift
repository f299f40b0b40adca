public import Daemons

extension LoopbackMap {
    /// Fields that a client may connect to on its own: redirects and created resources, and Marathon's leader (marathon-api.md 1.3).
    private static let followed: Set<String> = ["location", "content-location", "x-marathon-leader"]

    /// A daemon's header fields for a client outside: the hosts a client may follow become loopback ones.
    ///
    /// `http://host:port/path`, Mesos' `//host:port/path` (mesos-zk-ops.md 5.1) and `host:port` are understood; paths stay. A field that leads to a host which
    /// is neither a node nor this machine is left out, so that nobody follows it off this machine. Bodies are not looked into.
    public func outward(_ headers: [HTTPField]) -> [HTTPField] {
        headers.compactMap { field in
            guard Self.followed.contains(field.name.lowercased()) else { return field }
            return outward(reference: field.value).map { HTTPField(field.name, $0) }
        }
    }

    /// A client's request for a daemon inside: `Host` names the node again.
    public func inward(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        for index in request.headers.indices where request.headers[index].name.lowercased() == "host" {
            let authority = Authority(request.headers[index].value[...])
            if let node = node(at: String(authority.host)) {
                request.headers[index].value = node + authority.port
            }
        }
        return request
    }

    /// A reference with its host on loopback; none when it leads off this machine.
    private func outward(reference: String) -> String? {
        let (start, end) = Self.authority(of: reference)
        guard start != end else { return reference }
        let authority = Authority(reference[start..<end])
        guard let host = self[String(authority.host)] ?? Self.own(authority.host) else { return nil }
        return reference[..<start] + authority.user + host + authority.port + reference[end...]
    }

    /// Where the host part of a reference is; an empty range for a path.
    private static func authority(of reference: String) -> (start: String.Index, end: String.Index) {
        let head = reference.prefix { !"/?#".contains($0) }
        let start: String.Index
        if reference[head.endIndex...].hasPrefix("//"), head.isEmpty || head.hasSuffix(":") {
            start = reference.index(head.endIndex, offsetBy: 2)
        } else if Endpoint(head) != nil {
            start = reference.startIndex
        } else {
            return (reference.startIndex, reference.startIndex)
        }
        return (start, reference[start...].firstIndex { "/?#".contains($0) } ?? reference.endIndex)
    }

    private static func own(_ host: Substring) -> String? {
        let isQuad = host.split(separator: ".", omittingEmptySubsequences: false).count == 4
        let isNumbers = host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let isOwn = host.lowercased() == "localhost" || host == "[::1]" || host.hasPrefix("127.") && isQuad && isNumbers
        return isOwn ? String(host) : nil
    }

    /// `user@host:port`, in its parts; `user` keeps its `@`, `port` its colon.
    private struct Authority {
        var user: Substring
        var host: Substring
        var port: Substring

        init(_ text: Substring) {
            let start = text.lastIndex(of: "@").map { text.index(after: $0) } ?? text.startIndex
            user = text[..<start]
            let rest = text[start...]
            let colon = rest.lastIndex(of: ":") ?? rest.endIndex
            let isPort = rest[colon...].dropFirst().allSatisfy(\.isWholeNumber)
            host = isPort ? rest[..<colon] : rest
            port = isPort ? rest[colon...] : ""
        }
    }
}
