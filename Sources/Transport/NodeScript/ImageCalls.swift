internal import Reconciler

extension ImageNodeAct {
    /// How often the janitor looks, and after how many looks that showed nothing new it removes everything: 15 min.
    private static let janitor = (seconds: 20, looks: 45)

    /// The call that performs this act.
    func call() throws(CallRefused) -> ShellCall {
        switch self {
        case .stage(let bytes, let unpacked):
            return ShellCall(
                "act_image_stage",
                [
                    String(max(0, bytes)), String(max(0, unpacked)), NodeScript.Library.janitor.text,
                    String(Self.janitor.seconds), String(Self.janitor.looks),
                ]
            )
        case .load(let load, let job):
            guard !load.parts.isEmpty else {
                throw CallRefused(reason: "job \(job): \(load.reference) has no parts to be loaded from")
            }
            return ShellCall(
                "act_image_load",
                [
                    try CallArgument.name(job), NodeScript.Library.load.text,
                    try CallArgument.image(load.reference), try CallArgument.imageID(load.id),
                    load.hasForeignID ? "foreign" : "own",
                    try checked(load.layers, CallArgument.imageID).joined(separator: " "),
                ] + (try checked(load.parts, CallArgument.digest))
            )
        case .pull(let source, let reference, let job):
            return ShellCall(
                "act_image_pull",
                [
                    try CallArgument.name(job), NodeScript.Library.load.text,
                    try CallArgument.image(reference), try CallArgument.image(source),
                ]
            )
        case .tag(let id, let reference):
            return ShellCall("act_image_tag", [try CallArgument.imageID(id), try CallArgument.image(reference)])
        case .remove(let id): return ShellCall("act_image_remove", [try CallArgument.imageID(id)])
        case .clear: return ShellCall("act_image_clear", [NodeScript.Library.janitor.text])
        }
    }

    /// How long it may take at most.
    var bound: Duration {
        switch self {
        case .stage, .load, .pull: .seconds(60)
        case .clear: .seconds(90)
        case .tag, .remove: .seconds(180)
        }
    }
}

extension CallArgument {
    /// An image's name: letters, digits and `._/:@-`, beginning with a letter or a digit.
    static func image(_ text: String) throws(CallRefused) -> String {
        let isName = text.utf8.allSatisfy { isLetterOrDigit($0) || "._/:@-".utf8.contains($0) }
        guard isName, let first = text.utf8.first, isLetterOrDigit(first) else {
            throw CallRefused(reason: "`\(text)` cannot be an image's name")
        }
        return text
    }

    /// The id of an image or a layer: 64 hexadecimal digits, `sha256:` before them from Docker 1.10 on.
    static func imageID(_ text: String) throws(CallRefused) -> String {
        let prefix = "sha256:"
        _ = try digest(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        return text
    }

    /// 64 lower-case hexadecimal digits.
    static func digest(_ text: String) throws(CallRefused) -> String {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw CallRefused(reason: "`\(text)` is no digest of 64 hexadecimal digits")
        }
        return text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
