internal import Daemons
internal import Reconciler

extension LabNode {
    /// imageacts.sh.
    mutating func actOnImage(_ act: ImageNodeAct, _ run: RunID, _ now: Moment) throws(Concluded) {
        switch act {
        case .stage(let bytes, let unpacked): try stage(max(0, bytes), max(0, unpacked), now)
        case .load(let load, let job): try begin(.load(load), job, run, now)
        case .pull(let source, let reference, let job):
            try begin(.pull(source: source, reference: reference), job, run, now)
        case .tag(let id, let reference): try tag(id, reference, now)
        case .remove(let id): try removeImage(id, now)
        case .clear:
            guard files.exists(StatePath.images) else { throw .already }
            clearParts(now)
            throw .changed
        }
    }

    private mutating func clearParts(_ now: Moment) {
        files.remove(StatePath.images, at: clock(at: now))
        (stagedParts, partsEnd) = (nil, nil)
    }

    /// The janitor's own doing: what is being loaded is in use.
    mutating func removeLeftParts(_ now: Moment) {
        guard let end = partsEnd, end <= now else { return }
        if imageJobs?.isEmpty ?? true { clearParts(now) } else { partsEnd = now + Self.janitorMilliseconds }
    }

    static let janitorMilliseconds = 15 * 60 * 1000

    // MARK: Room

    private mutating func stage(_ bytes: Int, _ unpacked: Int, _ now: Moment) throws(Concluded) {
        guard var client = engineClient(at: now) else {
            throw .failed("docker is not here; it is to be installed first")
        }
        do throws(Unknown) { _ = try client.info() } catch { throw .failed(error.why) }
        try stateDirectory(now)
        let (parts, engine, free) = (max(0, bytes - stagedBytes), unpacked * 2, freeBytes / 1024 * 1024)
        guard parts + engine <= free else {
            throw .failed(
                "/var/lib/docker: not enough room: \(parts + engine) bytes are needed (\(parts) for the parts, \(engine) for "
                    + "unpacking), \(free) are free; make room and run again"
            )
        }
        if let words = directoryTrouble(StatePath.images) { throw failedWords(StatePath.images, words) }
        if files.exists(StatePath.images), !files.isDirectory(StatePath.images) {
            throw .failed("\(StatePath.images): is no directory of ours; remove it and run again")
        }
        let time = clock(at: now)
        files.makeDirectory(StatePath.images, mode: 0o700, at: time)
        files.makeDirectory(StatePath.runtime, mode: 0o700, at: time)
        guard partsEnd == nil else { throw .already }
        let pid = newPID()
        let identity = "\(pid) \((time - bootedAt) / 10) \(bootID)\n"
        files.write("\(StatePath.images)/.janitor", identity, mode: 0o600, at: time)
        partsEnd = now + Self.janitorMilliseconds
        throw .changed
    }

    // MARK: Names

    private mutating func tag(_ id: String, _ reference: String, _ now: Moment) throws(Concluded) {
        guard var client = engineClient(at: now) else { throw .failed("docker inspect: docker: not found") }
        var before: String?
        do throws(Unknown) {
            before = try client.id(reference)
            guard before != id else { throw Unknown("") }
            do throws(Unknown) { _ = try client.ask(["tag", id, reference]) } catch {
                guard error.why.contains("-f option") else { throw error }
                _ = try client.ask(["tag", "-f", id, reference])
            }
        } catch {
            throw error.why.isEmpty ? .already : .failed(error.why)
        }
        engine = client.engine
        throw .done(before.map { "it was \($0)" } ?? "")
    }

    private mutating func removeImage(_ id: String, _ now: Moment) throws(Concluded) {
        guard var client = engineClient(at: now) else { throw .failed("docker inspect: docker: not found") }
        let (held, used, names): (String?, String, [String])
        do throws(Unknown) {
            (held, used) = (try client.id(id), try client.used())
            names = held.map { client.engine.tags(of: $0) } ?? []
        } catch {
            throw .failed(error.why)
        }
        guard let held else { throw .already }
        guard held == id else { throw .failed("\(id): the engine takes it for \(held)") }
        guard !used.split(separator: "\n").contains(Substring(id)) else {
            throw .failed("\(id): a container was made from it; nothing was removed")
        }
        guard names.isEmpty else {
            throw .failed("\(id): it has a name (\(names.joined(separator: " "))); nothing was removed")
        }
        do throws(Unknown) { _ = try client.ask(["rmi", id]) } catch { throw .failed(error.why) }
        engine = client.engine
        throw .changed
    }
}
