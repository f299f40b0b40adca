/// An HTTP/1 response as it came over the wire; the body up to 64 KiB.
struct HTTPAnswer: Hashable {
    var status: Int
    var body: String

    init?(_ bytes: [UInt8]) {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = bytes.firstRange(of: blank) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else { return nil }
        var content = Array(bytes[end.upperBound...])
        // curl has decoded it already, and says so by nothing: only what parses as chunks is taken for such.
        let isChunked = lines.dropFirst().contains {
            let header = $0.lowercased()
            return header.hasPrefix("transfer-encoding:") && header.hasSuffix("chunked")
        }
        if isChunked, let joined = HTTPAnswer.chunksJoined(content) { content = joined }
        self.status = status
        body = String(decoding: content.prefix(65_536), as: UTF8.self)
    }

    /// nil where `bytes` are no chunks; a last chunk that is cut off counts as far as it goes.
    private static func chunksJoined(_ bytes: [UInt8]) -> [UInt8]? {
        var joined: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let length = Int(size, radix: 16), length >= 0 else { return nil }
            if length == 0 { return joined }
            joined += rest[end.upperBound...].prefix(length)
            rest = rest[end.upperBound...].dropFirst(length + 2)
        }
        return joined.isEmpty ? nil : joined
    }
}
