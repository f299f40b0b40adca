internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// The same for as long as it is the same process: pid, start in ticks since boot, boot (common.sh, `identity`).
    func identity(of process: LabProcess) -> String {
        "\(process.pid) \((process.started - bootedAt) / 10) \(bootID)"
    }

    /// Whether the copies kept of a service are those of this very process.
    func copiesAreValid(_ service: ServiceName, _ process: LabProcess) -> Bool {
        let owner = files.read("\(StatePath.copies(of: service))/process")?.split(separator: "\n").first
        return owner.map(String.init) == identity(of: process)
    }

    /// The files kept of this very process, by path.
    func keptCopies(of service: ServiceName, _ process: LabProcess) -> [RunningCopy] {
        guard copiesAreValid(service, process) else { return [] }
        let place = "\(StatePath.copies(of: service))/files"
        var copies: [RunningCopy] = []
        var open = [""]
        while let directory = open.popLast() {
            for name in files.list(place + directory) ?? [] {
                let path = "\(directory)/\(name)"
                if files.isDirectory(place + path) {
                    open.append(path)
                } else if let content = files.content(place + path) {
                    copies.append(RunningCopy(path: path, content: content))
                }
            }
        }
        return copies.sorted { $0.path < $1.path }
    }

    /// Before a file is replaced, the services whose process may have read it as it stands keep a copy of it, unless one is
    /// kept already (files.sh, `keep_for_services`).
    mutating func keepWhatWasRead(
        _ file: String,
        as path: String,
        by readers: [ServiceName],
        _ now: Moment
    ) throws(Concluded) {
        guard let attributes = files.attributes(file), attributes.size <= wholeBytes else { return }
        let modified = attributes.modified / 1_000_000_000
        for service in readers {
            guard let process = state(of: service).main, process.started.wholeSeconds >= modified else { continue }
            try openCopies(of: service, process, now)
            let place = StatePath.copies(of: service)
            guard !files.exists("\(place)/files\(path)") else { continue }
            guard keepCopy(file, as: path, for: service, now) else {
                throw .failed("\(path): no copy could be kept for \(service), nothing was changed")
            }
            closeCopies(of: service, process, now)
        }
    }

    /// units.sh, `reloaded`: from now on the process goes by other files than at its start.
    mutating func noteReload(of service: ServiceName, _ process: LabProcess, _ now: Moment) throws(Concluded) {
        try openCopies(of: service, process, now)
        let place = StatePath.copies(of: service)
        files.remove("\(place)/files", at: clock(at: now))
        try privateDirectory("\(place)/files", now)
        files.write("\(place)/reloaded", "\(clock(at: now).wholeSeconds)\n", mode: 0o600, at: clock(at: now))
        closeCopies(of: service, process, now)
    }

    /// When the process read its files: at our last reload of it, else at its start.
    private func lastRead(by process: LabProcess, of service: ServiceName) -> Int {
        let noted = files.content("\(StatePath.copies(of: service))/reloaded")?.split(separator: "\n").first
        return noted.flatMap { Int($0) } ?? process.started.wholeSeconds
    }

    /// files.sh, `act_keep`: the files as the process read them at its start, or at its last reload by us.
    mutating func keepCopies(of paths: [String], for service: ServiceName, _ now: Moment) throws(Concluded) {
        let state = state(of: service)
        if let why = state.why { throw .failed(why) }
        guard let process = state.main else {
            throw .failed("\(service): no main process can be told (\(state.detail)), so no copies are kept")
        }
        try openCopies(of: service, process, now)
        let read = lastRead(by: process, of: service)
        var isChanged = false
        for path in paths {
            guard let file = files.resolve(path)?.path else {
                throw .failed("\(path): too many levels of symbolic links")
            }
            guard let attributes = files.attributes(file), attributes.kind == .regular,
                !files.exists("\(StatePath.copies(of: service))/files\(path)")
            else { continue }
            guard attributes.size <= wholeBytes else {
                throw .failed("\(path): larger than \(wholeBytes) bytes, so no copy is kept")
            }
            // A second more: the start is only known to the second.
            guard attributes.modified / 1_000_000_000 <= read + 1 else {
                throw .failed(
                    "\(path): modified after \(service) started, so it may not be what the process read"
                )
            }
            guard keepCopy(file, as: path, for: service, now) else {
                throw .failed("\(path): no copy could be kept")
            }
            isChanged = true
        }
        closeCopies(of: service, process, now)
        throw isChanged ? .done("process \(process.pid)") : .already
    }

    private mutating func openCopies(
        of service: ServiceName,
        _ process: LabProcess,
        _ now: Moment
    ) throws(Concluded) {
        let place = StatePath.copies(of: service)
        if !copiesAreValid(service, process) { files.remove(place, at: clock(at: now)) }
        try privateDirectory("\(place)/files", now)
    }

    private mutating func keepCopy(
        _ file: String,
        as path: String,
        for service: ServiceName,
        _ now: Moment
    ) -> Bool {
        let target = "\(StatePath.copies(of: service))/files\(path)"
        guard !path.contains("/../"), !path.hasSuffix("/.."), let text = files.content(file),
            FileTree.blocks(text.utf8.count) <= freeBytes, directoryTrouble(FileTree.parted(target).parent) == nil
        else { return false }
        files.makeDirectory(FileTree.parted(target).parent, mode: 0o700, at: clock(at: now))
        return files.write(target, text, mode: 0o600, at: clock(at: now))
    }

    /// Last, so that a set that was not finished counts for nothing.
    private mutating func closeCopies(of service: ServiceName, _ process: LabProcess, _ now: Moment) {
        let file = "\(StatePath.copies(of: service))/process"
        guard !files.exists(file) else { return }
        files.write(file, identity(of: process) + "\n", mode: 0o600, at: clock(at: now))
    }
}
