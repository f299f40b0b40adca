/// Which texts a name may be made of.
struct NameRule: Sendable {
    /// Nil where the name is fine.
    let problem: @Sendable (String) -> Fault?

    /// Anything but nothing.
    static let any = NameRule { $0.isEmpty ? Fault("a name must not be empty") : nil }

    static let variable = NameRule { name in
        name.isMade(of: { $0.isNameLetter || $0 == "-" || $0 == "." })
            ? nil : Fault("`\(name.abbreviated)` is no name: letters, digits, `_`, `-` and `.`")
    }

    static let environmentVariable = NameRule { name in
        name.isMade(of: \.isNameLetter) && name.first?.isNumber == false
            ? nil : Fault("`\(name.abbreviated)` is no name of an environment variable")
    }

    /// A flag as it is called without dashes: it becomes the name of a file (mesos-zk-ops.md 1.3).
    static let flag = NameRule { name in
        let bare = name.drop { $0 == "-" || $0 == "?" }
        if bare.count < name.count {
            let value = bare.hasPrefix("no-") ? "`\(bare.dropFirst(3)): false`" : "`\(bare): true`"
            return Fault("flag `\(name.abbreviated)` is written without dashes and `?`", hint: "write \(value)")
        }
        let isName = name.isMade { $0.isNameLetter || $0 == "-" } && name.first?.isLetter == true
        guard isName else { return Fault("`\(name.abbreviated)` is no name of a flag: a-z, 0-9, `_`") }
        guard name == name.lowercased() else {
            return Fault("flag `\(name.abbreviated)` has capital letters", hint: "write `\(name.lowercased())`")
        }
        return nil
    }

    /// An attribute or a resource of an agent: it becomes the name of a file, and is followed by `:` (mesos-zk-ops.md 1.3).
    static let attribute = NameRule { name in
        let isName = name.isMade { $0.isNameLetter || $0 == "-" || $0 == "." || $0 == "(" || $0 == ")" }
        return isName && name.first?.isLetter == true
            ? nil
            : Fault("`\(name.abbreviated)` is no name of an attribute or resource: letters, digits, `_`, `-`, `.`")
    }

    /// A key of a properties file such as zoo.cfg.
    static let property = NameRule { name in
        name.isMade { $0.isNameLetter || $0 == "-" || $0 == "." }
            ? nil : Fault("`\(name.abbreviated)` is no key of zoo.cfg: letters, digits, `.`, `_`, `-`")
    }

    /// A name for people: of the cluster, a service, a repository.
    static let plain = NameRule { name in
        let isName = name.isMade { $0.isNameLetter || "-.@+".contains($0) } && name.first?.isASCIILetterOrDigit == true
        return isName && name.utf8.count <= 128
            ? nil : Fault("`\(name.abbreviated)` is no name: letters, digits, `_`, `-`, `.`, at most 128")
    }

    /// Host name labels joined by dots (RFC 1123).
    static let host = NameRule { name in
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isHost = labels.allSatisfy { label in
            label.utf8.count <= 63 && String(label).isMade { $0.isASCIILetterOrDigit || $0 == "-" }
                && label.first != "-" && label.last != "-"
        }
        return isHost && name.utf8.count <= 253
            ? nil
            : Fault("`\(name.abbreviated)` is no host name: letters, digits and inner `-`, at most 63 between dots")
    }

    /// A word for ssh's command line, where a leading dash would make it an option.
    static let sshWord = NameRule { word in
        let isWord = word.allSatisfy { !$0.isWhitespace && $0 != "\"" && $0 != "'" } && word.first != "-"
        return isWord ? nil : Fault("`\(word.abbreviated)` must be one word and not start with `-`")
    }

    /// A path from the root without detours.
    static let absolutePath = NameRule { path in
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), !parts.isEmpty else {
            let hint = path.hasPrefix("~") ? "a home directory is written out, such as /home/NAME/.bashrc" : nil
            return Fault("`\(path.abbreviated)` is no absolute path", hint: hint)
        }
        guard !parts.contains(".."), !parts.contains("."), !path.contains("//") else {
            return Fault("`\(path.abbreviated)` takes a detour", hint: "write /\(parts.joined(separator: "/"))")
        }
        guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            return Fault("a path must not hold control characters")
        }
        return nil
    }
}

extension Character {
    fileprivate var isASCIILetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
    fileprivate var isNameLetter: Bool { isASCIILetterOrDigit || self == "_" }
}

extension String {
    fileprivate func isMade(of isAllowed: (Character) -> Bool) -> Bool { !isEmpty && allSatisfy(isAllowed) }
}
