internal import Reconciler
internal import Specs

extension FactRequest {
    /// The answer to this request in what the script said; whatever is not as it should be is unknown, never absent.
    func read(_ answer: ScriptAnswer) -> FactAnswer {
        switch answer.kind {
        case "absent": return .absent
        case "unknown": return .unknown(reason: answer["reason"] ?? "no reason given")
        case "found": return found(answer) ?? .unknown(reason: "the answer could not be understood")
        default: return .unknown(reason: "the node's shell gave up on it (status \(answer.status))")
        }
    }

    private func found(_ answer: ScriptAnswer) -> FactAnswer? {
        switch self {
        case .platform: .platform(PlatformAnswer(answer))
        case .file: answer.files.flatMap { $0.count == 1 ? $0.first : nil }.map(FactAnswer.file)
        case .directory(let path, _):
            answer.files.map {
                .directory(path: path, entries: $0.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) })
            }
        case .service(let name): ServiceAnswer(name, answer).map(FactAnswer.service)
        case .package(let name): PackageAnswer(name, answer).map(FactAnswer.package)
        case .flagNames: answer["names"].map { .flagNames(inOrderOnce($0.split(separator: "\n"))) }
        case .fourLetterWord: answer.decoded("text").map { .text(String(decoding: $0, as: UTF8.self)) }
        case .http: answer.decoded("response").flatMap(HTTPAnswer.init).map { .http(status: $0.status, body: $0.body) }
        case .resolve:
            answer["addresses"].map { text in
                .addresses(
                    inOrderOnce(text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(unmapped) })
                )
            }
        case .network: NetworkAnswer(answer).map(FactAnswer.network)
        case .reach: ReachOutcome(answer).map(FactAnswer.reach)
        case .disk: answer["df"].flatMap(diskAnswer)
        case .clock: answer["seconds"].flatMap(clockSeconds).map { .clock(seconds: $0) }
        case .dockerEngine: answer["version"].map { .dockerEngine(version: $0) }
        case .images: ImagesAnswer(answer).map(FactAnswer.images)
        case .controlGroups: answer["mounts"].map(mountedControlGroups)
        case .listening: answer["sockets"].flatMap(listeningSockets)
        case .lease:
            if let text = answer.decodedText("content"), let seconds = answer["seconds"].flatMap({ Int($0) }) {
                .lease(text: text, nodeSeconds: seconds)
            } else {
                nil
            }
        case .applied: answer.decodedText("content").map { .applied(text: $0) }
        }
    }
}

extension ScriptAnswer {
    /// A field that travelled as base64.
    func decoded(_ name: String) -> [UInt8]? {
        fields.first { $0.name == name }.flatMap { base64Decoded($0.value) }
    }

    func decodedText(_ name: String) -> String? {
        decoded(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Each run of fields that begins with `path` as a file; nil where one is not whole.
    fileprivate var files: [FileAnswer]? {
        var groups: [[Field]] = []
        for field in fields {
            if field.name == "path" { groups.append([]) }
            guard !groups.isEmpty else { return nil }
            groups[groups.count - 1].append(field)
        }
        var files: [FileAnswer] = []
        for group in groups {
            guard let file = FileAnswer(group) else { return nil }
            files.append(file)
        }
        return files
    }
}

extension FileAnswer {
    fileprivate init?(_ fields: [ScriptAnswer.Field]) {
        let values = Dictionary(fields.map { ($0.name, $0) }) { first, _ in first }
        func text(_ name: String) -> String? { values[name]?.text }
        guard let path = text("path"), let resolved = text("resolved"), let kind = text("kind").flatMap(Kind.init),
            let mode = text("mode").flatMap({ Int($0, radix: 8) }), let owner = text("owner"),
            let group = text("group"),
            let size = text("size").flatMap({ Int($0) }), let modified = text("modified").flatMap({ Int($0) }),
            let stamp = text("stamp")
        else { return nil }
        var digest = text("digest") ?? ""
        var content: String?
        if kind == .regular, digest.isEmpty {
            guard let encoded = values["content"]?.value, let bytes = base64Decoded(encoded), bytes.count == size
            else { return nil }
            digest = sha256(bytes: bytes)
            content = String(validating: bytes, as: UTF8.self)
        }
        self.init(
            path: path,
            resolvedPath: resolved,
            kind: kind,
            mode: mode,
            owner: owner,
            group: group,
            size: size,
            modified: modified,
            digest: digest,
            stamp: stamp,
            content: content
        )
    }
}

extension PlatformAnswer {
    fileprivate init(_ answer: ScriptAnswer) {
        let release = releaseValues(answer["release"] ?? "")
        var (id, version) = (release["ID"] ?? "", release["VERSION_ID"] ?? "")
        // CentOS 6 has only a sentence: "CentOS release 6.5 (Final)".
        let words = (answer["redhat"] ?? "").split(separator: " ")
        if id.isEmpty, let name = words.first, let number = words.first(where: { $0.first?.isNumber ?? false }) {
            (id, version) = (name.lowercased(), String(number))
        }
        self.init(
            osID: id,
            osVersion: version,
            initSystem: answer["init"] ?? "",
            packageManager: answer["packages"] ?? "",
            hostname: answer["hostname"] ?? "",
            machine: answer["machine"] ?? "",
            wrapperAgentDirectory: answer["agent"] ?? ""
        )
    }
}

/// The assignments of an os-release file, quotes taken off (os-release(5)).
private func releaseValues(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        var value = parts[1]
        if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        values[String(parts[0])] = String(value)
    }
    return values
}

private func inOrderOnce(_ texts: [Substring]) -> [String] {
    var seen: Set<Substring> = []
    return texts.filter { seen.insert($0).inserted }.map(String.init)
}

/// The IPv4 address in one that is written as IPv6 (`::ffff:10.16.40.1`, RFC 4291 2.5.5.2), as a resolver answers where no
/// link but loopback has an IPv4 address.
func unmapped(_ address: Substring) -> Substring {
    let prefix = "::ffff:"
    return address.hasPrefix(prefix) && address.contains(".") ? address.dropFirst(prefix.count) : address
}

/// A line of `df -Pk`: device, kibibytes in all, used, available, capacity, mount point.
func diskAnswer(_ line: String) -> FactAnswer? {
    let words = line.split(separator: " ")
    guard let capacity = words.firstIndex(where: { $0.hasSuffix("%") }), capacity >= 4,
        let free = Int(words[capacity - 1]),
        let total = Int(words[capacity - 3])
    else { return nil }
    return .disk(freeBytes: free * 1024, totalBytes: total * 1024)
}

/// `date +%s.%N`; a `date` without `%N` leaves the fraction out or prints the letter.
private func clockSeconds(_ text: String) -> Double? {
    Double(text) ?? text.split(separator: ".").first.flatMap { Double($0) }
}
