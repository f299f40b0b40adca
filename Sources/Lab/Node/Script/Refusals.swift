internal import Reconciler
internal import Specs

/// What the transport refuses before a node sees it (`CallArgument`): paths that are not absolute, names that are none.
enum Argument {
    static func path(_ text: String) -> String? {
        text.hasPrefix("/") ? plain(text) : "\(text): not an absolute path"
    }

    static func name(_ text: String) -> String? {
        let isName = text.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || ".+:@_~-".unicodeScalars.contains($0))
        }
        guard isName, let first = text.first, first != "-", first != "." else {
            return "`\(text)` cannot be a name: letters, digits and .+:@_~- can be in one"
        }
        return nil
    }

    static func plain(_ text: String) -> String? {
        text.utf8.contains(0) ? "`\(text)` holds a NUL byte" : nil
    }

    static func host(_ text: String) -> String? {
        let isHost =
            !text.isEmpty && text.first != "-" && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f }
        return isHost ? nil : "`\(text)` is no host name or address"
    }

    static func hostname(_ text: String) -> String? {
        let isName = text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x2e }
        return isName && (1...64).contains(text.utf8.count) && text.utf8.first != 0x2d
            ? nil : "`\(text)` cannot be a host name"
    }

    /// One line of a `key=value` file: control characters become spaces.
    static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    }

    static func image(_ text: String) -> String? {
        let isName = text.utf8.allSatisfy { isLetterOrDigit($0) || "._/:@-".utf8.contains($0) }
        guard isName, let first = text.utf8.first, isLetterOrDigit(first) else {
            return "`\(text)` cannot be an image's name"
        }
        return nil
    }

    static func imageID(_ text: String) -> String? {
        digest(text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text)
    }

    static func digest(_ text: String) -> String? {
        text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            ? nil : "`\(text)` is no digest of 64 hexadecimal digits"
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte
    }

    static func names(_ services: [ServiceName]) -> String? { services.lazy.compactMap { name($0.text) }.first }
}

extension FactRequest {
    /// Why it is not put to a node at all; nil where it is.
    var refusal: String? {
        switch self {
        case .file(let path), .directory(let path, _), .disk(let path): Argument.path(path)
        case .service(let name): Argument.name(name.text)
        case .package(let name): Argument.name(name)
        case .flagNames(let program): program.hasPrefix("/") ? Argument.path(program) : Argument.name(program)
        case .resolve(let name): Argument.host(name)
        case .reach(let address, _): Argument.host(address)
        case .network: nil
        case .platform, .fourLetterWord, .http, .clock, .dockerEngine, .images, .controlGroups, .lease, .applied: nil
        }
    }
}

extension NodeAction {
    var refusal: String? {
        switch self {
        case .writeFile(let write):
            Argument.path(write.path) ?? write.owner.flatMap(Argument.name) ?? write.group.flatMap(Argument.name)
                ?? Argument.names(write.readBy)
        case .removeFile(let path, _, let readBy): Argument.path(path) ?? Argument.names(readBy)
        case .service(let act): Argument.name(act.service.text)
        case .keepRunningCopies(let service, let paths):
            Argument.name(service.text) ?? paths.lazy.compactMap(Argument.path).first
        case .installPackages(let packages, let job):
            packages.isEmpty
                ? "job \(job): no package is named"
                : Argument.name(job)
                    ?? packages.lazy.compactMap { Argument.name($0.name) ?? $0.version.flatMap(Argument.name) }.first
        case .collect(let job, _): Argument.name(job)
        case .lease(.acquire(let holder, _)): Argument.name(holder.token)
        case .lease(.renew(let token, _)), .lease(.release(let token)): Argument.name(token)
        case .setHostName(let name): Argument.hostname(name)
        case .image(let act): act.refusal
        case .network(let act): act.refusal
        case .recordApplied(let entries):
            entries.first { entry in
                ![entry.resource, entry.digest, entry.revision].allSatisfy { !$0.isEmpty && Argument.line($0) == $0 }
            }.map { "`\($0.resource)` cannot be recorded: a part is empty or holds a control character" }
        }
    }
}

extension NetworkNodeAct {
    fileprivate var refusal: String? {
        switch self {
        case .arm(let change, let token, _):
            change.files.isEmpty
                ? "\(change.link): no file is to be changed"
                : change.files.lazy.compactMap { Argument.path($0.path) }.first ?? Argument.name(token)
                    ?? Argument.name(change.link)
        case .confirm(let token), .collect(let token): Argument.name(token)
        }
    }
}

extension ImageNodeAct {
    fileprivate var refusal: String? {
        switch self {
        case .stage, .clear: nil
        case .load(let load, let job):
            load.parts.isEmpty
                ? "job \(job): \(load.reference) has no parts to be loaded from"
                : Argument.name(job) ?? Argument.image(load.reference) ?? Argument.imageID(load.id)
                    ?? load.layers.lazy.compactMap(Argument.imageID).first
                    ?? load.parts.lazy.compactMap(Argument.digest).first
        case .pull(let source, let reference, let job):
            Argument.name(job) ?? Argument.image(reference) ?? Argument.image(source)
        case .tag(let id, let reference): Argument.imageID(id) ?? Argument.image(reference)
        case .remove(let id): Argument.imageID(id)
        }
    }
}

extension ServiceAct {
    var service: ServiceName {
        switch self {
        case .maskUnit(let name), .unmaskUnit(let name), .enableUnit(let name), .disableUnit(let name),
            .startUnit(let name), .stopUnit(let name), .restartUnit(let name, _), .holdJob(let name),
            .releaseJob(let name), .startJob(let name), .stopJob(let name), .restartJob(let name, _),
            .reloadUnit(let name), .reloadJob(let name):
            name
        }
    }
}
