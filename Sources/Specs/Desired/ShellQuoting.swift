/// Values as both a shell and systemd's EnvironmentFile read them back.
enum ShellQuoting {
    /// Bare where nothing needs quoting; else in single quotes; in double quotes where the text has `'` or `\`, which systemd
    /// reads in its own way within single ones.
    ///
    /// A secret's text is not known here: it goes into single quotes, and one that would break them is refused before
    /// anything is written (`KeyedEdit.Format.canHold(secret:)`).
    static func quoted(_ value: Content) -> Content {
        let units = value.units
        if units.allSatisfy({ $0.scalar.map(isBare) ?? false }) { return value }
        let literal = units.compactMap(\.scalar)
        guard literal.contains("'") || literal.contains("\\") else { return "'" + value + "'" }
        let escaped = units.map { unit -> Content in
            guard let scalar = unit.scalar, needsEscape(scalar) else { return Content(units: [unit]) }
            return Content("\\\(scalar)")
        }
        return escaped.reduce("\"", +) + "\""
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case "_", "-", ".", "/", ":", ",", "@", "%", "+", "=": true
        default: false
        }
    }

    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "\\" || scalar == "$" || scalar == "`"
    }
}

extension KeyedEdit.Format {
    /// Whether a secret with this text can be written into such a file as the value of a key.
    public func canHold(secret text: String) -> Bool {
        let forbidden: Set<Unicode.Scalar> =
            switch self {
            // Within a text's quotes every other control character is refused too.
            case .json: Set(["\"", "\\"] + (UInt8(0)..<0x20).map { Unicode.Scalar($0) })
            case .properties: ["\\", "\n", "\r"]
            case .hosts: ["#", " ", "\t", "\n", "\r"]
            case .shell, .environmentFile: ["'", "\"", "\\", "$", "`", "\n", "\r"]
            }
        return !text.unicodeScalars.contains(where: forbidden.contains)
    }
}
