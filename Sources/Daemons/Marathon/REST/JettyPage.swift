/// The page that the web server makes of an error Marathon does not answer itself (marathon-api.md 1.0).
enum JettyPage {
    static func error(_ status: Int, _ reason: String, at path: String, headers: [HTTPField] = []) -> HTTPResponse {
        let page = """
            <html>
            <head>
            <meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
            <title>Error \(status) \(reason)</title>
            </head>
            <body>
            <h2>HTTP ERROR: \(status)</h2>
            <p>Problem accessing \(escaped(path)). Reason:
            <pre>    \(reason)</pre></p>
            <hr /><i><small>Powered by Jetty://</small></i>
            </body>
            </html>

            """
        return HTTPResponse(status, text: page, type: "text/html;charset=ISO-8859-1", headers: headers)
    }

    private static func escaped(_ text: String) -> String {
        String(
            text.flatMap { character -> String in
                switch character {
                case "<": "&lt;"
                case ">": "&gt;"
                case "&": "&amp;"
                default: String(character)
                }
            })
    }
}

/// RFC 4648, as Basic credentials need it.
enum Base64 {
    /// - Returns: nil for what is no base64 of UTF-8.
    static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = value(of: byte) else { return nil }
            bits = (bits << 6 | value) & 0xffff
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8((bits >> count) & 0xff))
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func value(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
