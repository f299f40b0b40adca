internal import ArgumentParser
internal import Specs

/// Where on loopback the loop is to be seen: `127.0.0.1:9095`, `[::1]:9095` or `localhost:9095`.
struct ListenAddress: Hashable, ExpressibleByArgument {
    /// Numeric.
    let host: String
    /// 0: any that is free.
    let port: Int

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":") else { return nil }
        let digits = argument[argument.index(after: colon)...]
        guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = Int(digits), port < 65_536
        else { return nil }
        self.port = port
        let named = argument[..<colon]
        switch (named.first == "[", named.last == "]") {
        case (true, true): host = String(named.dropFirst().dropLast())
        // Whatever a resolver makes of it, this is what is meant.
        case (false, false): host = named == "localhost" ? "127.0.0.1" : String(named)
        default: return nil
        }
        guard !host.contains(":") || named.first == "[" else { return nil }
    }

    /// Whether nobody but this machine can come that way; false also for names.
    var isLoopback: Bool { IPAddress(host)?.isLoopback ?? false }

    func url(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// Whether a request's `Host` means this machine, so that no web page of elsewhere had its name lead here.
    static func isOurs(host field: String) -> Bool {
        var name = field.lowercased()
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return false }
            name = String(name[name.index(after: name.startIndex)..<end])
        } else if let colon = name.firstIndex(of: ":") {
            name = String(name[..<colon])
        }
        return name == "localhost" || name.hasSuffix(".localhost") || IPAddress(name)?.isLoopback == true
    }
}
