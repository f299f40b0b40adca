/// One call of a shell function with literal arguments.
struct ShellCall: Hashable {
    var function: String
    var arguments: [String]

    init(_ function: String, _ arguments: [String] = []) {
        self.function = function
        self.arguments = arguments
    }

    var text: String { ([function] + arguments.map(shellQuoted)).joined(separator: " ") }
}

/// `text` as one word of a POSIX shell that stands for exactly these characters.
///
/// No shell word can hold a NUL: callers refuse such text first.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// `bytes` in the form `printf %b` reads back: printable ASCII as it is, all else as `\0` and three octal digits.
func printfEscaped(_ bytes: some Sequence<UInt8>) -> String {
    var escaped: [UInt8] = []
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), ..<0x20, 0x7f...:
            escaped += [UInt8(ascii: "\\"), UInt8(ascii: "0")]
            escaped += [byte >> 6, byte >> 3 & 7, byte & 7].map { UInt8(ascii: "0") + $0 }
        default: escaped.append(byte)
        }
    }
    return String(decoding: escaped, as: UTF8.self)
}

/// Why a request is not put to the node at all.
struct CallRefused: Error, Hashable {
    var reason: String
}

/// What may stand for what in a call; everything else is refused before it reaches a node.
enum CallArgument {
    /// An absolute path.
    static func path(_ text: String) throws(CallRefused) -> String {
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw CallRefused(reason: "\(text): not an absolute path")
        }
        return try plain(text)
    }

    /// A service, package, job or run name: letters, digits and `.+:@_~-`, not beginning with `-` or `.`.
    static func name(_ text: String) throws(CallRefused) -> String {
        let isName = text.unicodeScalars.allSatisfy {
            switch $0 {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "+", ":", "@", "_", "~", "-": true
            default: false
            }
        }
        guard isName, let first = text.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: ".") else {
            throw CallRefused(reason: "`\(text)` cannot be a name: letters, digits and .+:@_~- can be in one")
        }
        return text
    }

    static func plain(_ text: String) throws(CallRefused) -> String {
        guard !text.utf8.contains(0) else { throw CallRefused(reason: "`\(text)` holds a NUL byte") }
        return text
    }

    /// A host name or address: no option, no NUL.
    static func host(_ text: String) throws(CallRefused) -> String {
        guard !text.isEmpty, text.utf8.first != UInt8(ascii: "-"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        else { throw CallRefused(reason: "`\(text)` is no host name or address") }
        return text
    }

    /// A host name, or an address as one: what the kernel takes, 64 bytes at most.
    static func hostname(_ text: String) throws(CallRefused) -> String {
        let isName = text.unicodeScalars.allSatisfy {
            switch $0 {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-": true
            default: false
            }
        }
        guard isName, (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else {
            throw CallRefused(reason: "`\(text)` cannot be a host name")
        }
        return text
    }

    /// One line of a `key=value` file: control characters become spaces.
    static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    }
}
