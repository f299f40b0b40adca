/// By what a receiver tells our notices from others', and new ones from repeated ones.
public enum WebhookSignature {
    /// The value of `Reconciler-Signature`: `t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 (RFC 2104) over `SECONDS.BODY`.
    ///
    /// - Parameters:
    ///   - body: As it is sent, byte for byte.
    ///   - key: The bytes of `watch.webhook.secret`.
    ///   - now: Of this try, seconds since 1970.
    /// - Returns: Plain ASCII.
    public static func header(of body: [UInt8], key: [UInt8], at now: Int) -> String {
        "t=\(now),v1=\(hexadecimal(hmacSHA256(Array("\(now).".utf8) + body, key: key)))"
    }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
public enum RetryAfter {
    /// From `now`, seconds since 1970; nil for what is neither.
    public static func seconds(_ text: String, at now: Int) -> Int? {
        let text = text.drop { $0 == " " }
        if let first = text.first, first.isNumber {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard text.dropFirst(digits.count).allSatisfy({ $0 == " " }) else { return nil }
            return digits.count > 9 ? 999_999_999 : Int(digits)
        }
        return date(text).map { max(0, $0 - now) }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7); the obsolete forms are nobody's any more.
    private static func date(_ text: Substring) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
            let day = Int(words[1]), 1...31 ~= day, let year = Int(words[3]), 1970...9999 ~= year
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, 0..<24 ~= time[0], 0..<60 ~= time[1], 0...60 ~= time[2] else { return nil }
        // The year begins with March, so that the leap day is its last.
        let (y, m) = month < 2 ? (year - 1, month + 10) : (year, month - 2)
        let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
        return ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
    }
}
