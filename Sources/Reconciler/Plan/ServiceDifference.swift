internal import Specs

/// How a service stands against what is wanted of it.
struct ServiceDifference: Hashable {
    enum Need: Hashable {
        case nothing
        /// It runs, or would at boot, and must not: `isRunning` says which.
        case holdOff(isRunning: Bool)
        /// It runs as wanted but would not come back after a reboot.
        case enable
        case start
        /// It runs with something else than declared; one phrase per difference.
        case restart(pid: Int?, differences: [String])
        /// The same, and it takes all of it at a reload.
        case reload(differences: [String])
        /// A service of the site's own is not as `services:` says.
        case site(SiteNeed)
    }

    var service: Service
    var need: Need
    /// Why it cannot be judged whether it must be restarted, where it cannot.
    var unjudged: Unjudged?

    struct Unjudged: Hashable {
        var words: String
        /// Nothing but a file tells what it runs with, and the file is too new: worth a note, and holds nothing.
        var isByFilesAlone: Bool
    }
}

extension ServiceDifference {
    /// Compares `service` with what was observed; nil with a reason where it is unknown.
    init?(_ service: Service, _ observation: Observation<ObservedService>, on node: ObservedNode, files: [DesiredFile])
    {
        self.service = service
        let observed: ObservedService
        switch observation {
        case .unknown: return nil
        case .absent: observed = ObservedService(name: service.name, boot: .none, run: .stopped)
        case .found(let found): observed = found
        }
        if let wish = service.wish {
            guard let site = SiteNeed(wish, observed, under: node.platform.value?.initSystem) else { return nil }
            need = site.intents.isEmpty ? .nothing : .site(site)
            return
        }
        if !service.running {
            guard let off = Self.offNeed(observed) else { return nil }
            need = off
            return
        }
        switch observed.run {
        case .unknown: return nil
        case .changing: return nil
        case .stopped, .failed, .restarting: need = .start
        case .running:
            let running = RunningConfiguration(of: service, observed, on: node, files: files)
            unjudged = running.unjudged
            if !running.differences.isEmpty {
                need =
                    running.canReload
                    ? .reload(differences: running.differences)
                    : .restart(pid: observed.pid, differences: running.differences)
            } else {
                guard observed.boot != .unknown || !service.boot else { return nil }
                need = observed.boot == .on || !service.boot ? .nothing : .enable
            }
        }
    }

    /// nil where it cannot be told whether it is off.
    private static func offNeed(_ observed: ObservedService) -> Need? {
        switch (observed.run, observed.boot) {
        case (.running, _), (.restarting, _), (.changing, _): .holdOff(isRunning: true)
        case (.unknown, _), (_, .unknown): nil
        case (.stopped, .on), (.failed, .on): .holdOff(isRunning: false)
        case (.stopped, _), (.failed, _): .nothing
        }
    }
}

/// What a process runs with, compared with what is declared.
struct RunningConfiguration {
    var differences: [String] = []
    var unjudged: ServiceDifference.Unjudged?
    var canReload = false

    init(of service: Service, _ observed: ObservedService, on node: ObservedNode, files: [DesiredFile]) {
        switch service.configuration {
        case .none:
            guard service.layer == .engine else { break }
            let engine = EngineConfiguration(of: service, observed, on: node, files: files)
            (differences, canReload) = (engine.differences, engine.canReload)
            unjudged = engine.unjudged.map { .init(words: $0, isByFilesAlone: true) }
        case .mesosFlags(let declared), .marathonFlags(let declared):
            compareNamedFiles(service, observed, on: node, files: files)
            compareFlags(declared, service, observed)
        case .zooKeeper(let edit):
            compareZooKeeper(edit, service, observed, on: node, files: files)
        }
    }

    private mutating func compareFlags(_ declared: [FlagValue], _ service: Service, _ observed: ObservedService) {
        guard !observed.arguments.isEmpty || observed.reportedFlags != nil else {
            let words = "the command line of \(service.name) could not be read"
            unjudged = .init(words: words, isByFilesAlone: false)
            return
        }
        for (flag, running) in differingFlags(declared, running: observed) {
            func shown(_ value: Content) -> String { ShownContent.value(value, of: flag.name).shown }
            differences.append("--\(flag.name) \(running.map(shown) ?? "unset") → \(shown(flag.value))")
        }
    }

    /// What a flag names was read once, at the start: the same flag may stand for another content by now.
    private mutating func compareNamedFiles(
        _ service: Service,
        _ observed: ObservedService,
        on node: ObservedNode,
        files: [DesiredFile]
    ) {
        for file in service.filesReadAtStart(of: files) {
            guard case .whole(let whole) = file.body else { continue }
            guard let content = observed.asRead(file.path, on: node) else {
                let words =
                    "\(file.path) was written after \(service.name) started; whether it runs with it cannot be seen"
                unjudged = .init(words: words, isByFilesAlone: true)
                continue
            }
            if !file.comparison.areEqual(whole, content) {
                differences.append("\(file.path) \(Change.summary(before: content, after: whole, at: file.path))")
            }
        }
    }

    /// zoo.cfg as the process read it: the copy kept at its start; else the file, when it is older than the process.
    private mutating func compareZooKeeper(
        _ edit: KeyedEdit,
        _ service: Service,
        _ observed: ObservedService,
        on node: ObservedNode,
        files: [DesiredFile]
    ) {
        for file in service.filesReadAtStart(of: files) {
            guard let content = observed.asRead(file.path, on: node) else {
                compareAnswers(edit, file, node)
                continue
            }
            switch file.body {
            case .keyed(let keyed): differences += keyed.differences(from: content)
            case .whole(let whole):
                if !file.comparison.areEqual(whole, content) {
                    differences.append("\(file.path) \(Change.summary(before: content, after: whole, at: file.path))")
                }
            case .absent: break
            }
        }
    }

    /// Where the file is newer than the process, the server's own words still tell the member list and the id.
    private mutating func compareAnswers(_ edit: KeyedEdit, _ file: DesiredFile, _ node: ObservedNode) {
        guard case .keyed = file.body else { return }
        let words = "\(file.path) was written after the server started, so what it runs with shows only in part"
        unjudged = .init(words: words, isByFilesAlone: true)
        guard let members = node.zooKeeper.value?.members else { return }
        let declared = edit.set.filter { $0.key.hasPrefix("server.") }
        for entry in declared where Int(entry.key.dropFirst("server.".count)).flatMap({ members[$0] }) == nil {
            differences.append("+ \(entry.key)=\(entry.value.shown)")
        }
    }
}

extension Service {
    /// Those of `files` whose content its process reads at its start and shows nowhere afterwards: copies of them are kept.
    ///
    /// All that ZooKeeper and the engine read; of a daemon with flags, what a flag names (`--credentials=/etc/mesos/master-credentials`).
    func filesReadAtStart(of files: [DesiredFile]) -> [DesiredFile] {
        let read = files.filter { $0.readBy.contains(name) }
        switch configuration {
        case .zooKeeper: return read
        case .none: return layer == .engine ? read : []
        case .mesosFlags(let flags), .marathonFlags(let flags):
            let named = Set(flags.compactMap(\.value.plainText))
            return read.filter { named.contains($0.path) || named.contains("file://\($0.path)") }
        }
    }
}

extension DesiredNode {
    /// The act after a start that keeps what the process read, since a file alone does not tell what runs.
    func copies(of service: Service) -> [NodeAction] {
        let paths = service.filesReadAtStart(of: files).map(\.path)
        return paths.isEmpty ? [] : [.keepRunningCopies(service: service.name, paths: paths)]
    }
}

extension ObservedService {
    /// The content of a file as this process read it at its start; nil when that cannot be known.
    func asRead(_ path: String, on node: ObservedNode) -> Content? {
        if let copy = copies[path] { return copy }
        guard let file = node.files[path]?.value, let started, file.modified < started else { return nil }
        return file.content
    }
}
