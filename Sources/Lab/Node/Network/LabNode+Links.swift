internal import Daemons
internal import Reconciler
internal import Specs

/// netacts.sh and netguard.sh, by the lab's own time.
extension LabNode {
    /// The visit that arms it ends before the link goes down.
    private static let grace = 2000
    /// How long ifdown and ifup, or networkd, take.
    private static let turn = 2500

    mutating func actOnLink(_ act: NetworkNodeAct, _ now: Moment) throws(Concluded) {
        switch act {
        case .arm(let change, let token, let seconds): try arm(change, token, seconds, now)
        case .confirm(let token): try confirmLink(token, now)
        case .collect(let token):
            guard let state = linkState(token) else { throw .failed("no change \(token) is armed here") }
            throw .done(state.replacing("\n", with: " ").trimmingSpaces)
        }
    }

    private func place(_ token: String) -> String { "\(NetworkStanding.directory)/\(token)" }

    private func linkState(_ token: String) -> String? {
        files.read("\(place(token))/state").map(withoutTrailingNewlines)
    }

    private mutating func setLinkState(_ token: String, _ word: String, _ words: String = "", at now: Moment) {
        files.write("\(place(token))/state", "\(word)\n\(words)\n", at: clock(at: now))
    }

    // MARK: netacts.sh

    private mutating func arm(
        _ change: NetworkChange,
        _ token: String,
        _ seconds: Int,
        _ now: Moment
    ) throws(Concluded) {
        guard change.owner == .ifupdown || change.owner == .networkd else {
            throw .failed("links of \(change.owner.rawValue) are not changed")
        }
        guard networkAnswer.links.first(where: { $0.name == change.link })?.owner == change.owner else {
            throw .failed(
                change.owner == .ifupdown
                    ? "ifup and ifdown are not here; the link has another owner"
                    : "networkctl is not here; the link has another owner"
            )
        }
        try stateDirectory(now)
        if files.exists(place(token)) { throw .already }
        for other in files.list(NetworkStanding.directory) ?? [] {
            let state = linkState(other) ?? ""
            if ["confirmed", "reverted"].contains(String(state.prefix { $0 != "\n" })) {
                files.remove(place(other), at: clock(at: now))
                continue
            }
            let words = state.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let more = words.count > 1 && !words[1].isEmpty ? " (\(words[1]))" : ""
            throw .failed(
                "another change of a link is not over: \(place(other)) is \(words.first ?? "not told")\(more)"
            )
        }
        var old: [String: String?] = [:]
        for file in change.files {
            let path = files.resolve(file.path)?.path ?? file.path
            if let found = mismatch(file.expected, path) { throw .conflict("\(file.path): \(found)") }
            old[path] = .some(files.read(path))
        }
        files.makeDirectory(NetworkStanding.directory, mode: 0o700, at: clock(at: now))
        files.makeDirectory(place(token), mode: 0o700, at: clock(at: now))
        setLinkState(token, "armed", at: now)
        let new = change.files.map { (files.resolve($0.path)?.path ?? $0.path, $0.text) }
        linkGuard = LinkGuard(
            token: token,
            link: change.link,
            seconds: max(1, seconds),
            old: old,
            new: Dictionary(new) { first, _ in first },
            wakes: now + Self.grace
        )
        throw .done("armed")
    }

    private mutating func confirmLink(_ token: String, _ now: Moment) throws(Concluded) {
        guard let state = linkState(token) else { throw .failed("no change \(token) is armed here") }
        let words = state.split(separator: "\n").map(String.init)
        switch words.first {
        case "confirmed": throw .already
        case "applied": break
        case "reverted", "trouble":
            throw .conflict("the change is \(words[0]): \(words.dropFirst().joined(separator: " "))")
        default: throw .failed("the change is not applied yet (\(words.first ?? ""))")
        }
        guard linkGuard?.phase == .applied else {
            throw .conflict("it came too late: the change is being taken back")
        }
        linkGuard = nil
        setLinkState(token, "confirmed", at: now)
        throw .changed
    }

    // MARK: netguard.sh

    /// The next thing that the guard does by itself, where it is due.
    mutating func moveLink(_ now: Moment) {
        guard isUp, var guarding = linkGuard, guarding.wakes <= now else { return }
        switch guarding.phase {
        case .armed:
            write(guarding.new.mapValues { $0 }, now)
            setLinkState(guarding.token, "applying", at: now)
            (guarding.phase, guarding.wakes) = (.applying, now + Self.turn)
            linkGuard = guarding
        case .applying:
            readLinkFiles(guarding.link)
            setLinkState(guarding.token, "applied", at: now)
            (guarding.phase, guarding.wakes) = (.applied, now + max(0, guarding.seconds * 1000 - Self.turn))
            linkGuard = guarding
        case .applied:
            write(guarding.old, now)
            guarding.why = "nobody confirmed the change within \(guarding.seconds) s"
            (guarding.phase, guarding.wakes) = (.reverting, now + Self.turn)
            linkGuard = guarding
        case .reverting:
            readLinkFiles(guarding.link)
            setLinkState(guarding.token, "reverted", guarding.why, at: now)
            linkGuard = nil
        }
    }

    /// The entry made for the next boot puts the old files back before the network comes up.
    mutating func bootLink(_ now: Moment) {
        if let guarding = linkGuard {
            write(guarding.old, now)
            setLinkState(guarding.token, "reverted", "the node booted before the change was confirmed", at: now)
            linkGuard = nil
        }
        for link in networkAnswer.links where link.name != "lo" { readLinkFiles(link.name) }
    }

    private mutating func write(_ texts: [String: String?], _ now: Moment) {
        for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
            if let text { files.write(path, text, at: clock(at: now)) } else { files.remove(path, at: clock(at: now)) }
        }
    }

    // MARK: What the files make of the link

    /// Whom the node reaches as its link is; nil: nothing is known that would keep it from anybody.
    var linkReach: LinkReach? {
        guard let segment else { return linkGuard.map { LinkReach(isUp: !$0.isTurning, isRouted: true) } }
        var reach = LinkReach(isUp: !(linkGuard?.isTurning ?? false))
        let answer = networkAnswer
        guard let link = answer.links.first(where: { $0.addresses.contains { $0.hasPrefix("\(address)/") } }), link.isUp
        else { return LinkReach(isUp: false, isRouted: false) }
        guard !segment.routers.isEmpty else { return reach }
        let prefix = link.addresses.first { $0.hasPrefix("\(address)/") }?.split(separator: "/").last.flatMap {
            Int($0)
        }
        reach.isRouted = answer.gateways.contains { gateway in
            guard let own = IPAddress(address), let router = IPAddress(gateway.address) else { return false }
            return segment.routers.contains(gateway.address) && router.isNeighbour(of: own, prefix: prefix ?? 32)
        }
        return reach
    }

    /// The file of its first Ethernet link, saying what the link is, where there is none yet.
    mutating func layLinkFiles(at now: Moment) {
        let answer = networkAnswer
        for link in answer.links where link.name != "lo" && !link.file.isEmpty && !files.exists(link.file) {
            let text = LabLinkFile(link, answer)?.text(for: link)
            if let text { files.write(link.file, text, at: clock(at: now)) }
        }
    }

    /// Brings the link up as its file has it; one that cannot be read leaves it as it is.
    private mutating func readLinkFiles(_ name: String) {
        var answer = networkAnswer
        guard let index = answer.links.firstIndex(where: { $0.name == name }),
            let text = files.read(answer.links[index].file),
            let found = LabLinkFile(text, for: answer.links[index])
        else { return }
        if let address = found.address {
            answer.links[index].addresses = [address]
            answer.gateways = found.gateway.map { [.init(address: $0, interface: name)] } ?? []
        }
        if !found.nameservers.isEmpty { answer.nameservers = found.nameservers }
        wiring = answer
    }
}

extension LinkGuard {
    fileprivate var isTurning: Bool { phase == .applying || phase == .reverting }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
    }
}
