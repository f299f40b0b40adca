import Specs

@testable import Reconciler

/// A Docker engine of `ExecuteWorld`: images by id, and a load that looks layers up by their chain.
///
/// Parts are named `p-DIFFID` for a layer and `m-…` for what lies between, so that what a load is given can be told.
struct SimulatedEngine: Sendable {
    struct Image: Hashable, Sendable {
        var names: Set<String> = []
        var digests: Set<String> = []
        var layers: [String]
    }

    var version = "20.10.24"
    var images: [String: Image] = [:]
    /// Ids that containers were made from.
    var used: Set<String> = []
    var refusesPartial = false
    /// What every load ends with; nil: as it comes.
    var loadFailure: String?
    /// What a pull brings, by `repository@digest`.
    var registry: [String: (id: String, layers: [String])] = [:]
    var freeBytes = 10_000_000_000
    var loadTime = Duration.seconds(20)
    /// In the order of coming; one that was given up counts, too.
    var loads: [ImageLoad] = []

    static func part(of layer: String) -> String { "p-\(layer)" }

    mutating func name(_ id: String, _ reference: String) {
        for key in images.keys { images[key]?.names.remove(reference) }
        images[id]?.names.insert(reference)
    }

    /// How many layers from the lowest up an image here has.
    func chain(_ layers: [String]) -> Int {
        images.values.map { held in zip(held.layers, layers).prefix { $0 == $1 }.count }.max() ?? 0
    }
}

extension SimulatedNode {
    /// As the node script tells it.
    var imagesAnswer: FactAnswer {
        guard let engine else { return .absent }
        func list(_ texts: some Sequence<String>) -> String {
            "[" + texts.sorted().map { "\"\($0)\"" }.joined(separator: ",") + "]"
        }
        let objects = engine.images.sorted { $0.key < $1.key }.map { id, image in
            let layers = "[" + image.layers.map { "\"\($0)\"" }.joined(separator: ",") + "]"
            return "{\"Id\":\"\(id)\",\"RepoTags\":\(list(image.names)),\"RepoDigests\":\(list(image.digests)),"
                + "\"Size\":1,\"RootFS\":{\"Type\":\"layers\",\"Layers\":\(layers)}}"
        }
        return .images(
            ImagesAnswer(
                version: engine.version,
                info: "Storage Driver: overlay2\n",
                table: "REPOSITORY   TAG   IMAGE ID   CREATED   SIZE\n",
                inspected: "[" + objects.joined(separator: ",") + "]",
                used: engine.used.sorted().joined(separator: "\n"),
                freeBytes: engine.freeBytes,
                stagedBytes: parts?.count ?? 0
            )
        )
    }
}

extension ExecuteWorld.State {
    mutating func perform(_ act: ImageNodeAct, run: RunID, on name: NodeName, _ now: Duration) -> ActionResult {
        guard var engine = nodes[name]?.engine else { return .failed(reason: "docker: command not found") }
        defer { nodes[name]?.engine = engine }
        switch act {
        case .stage(let bytes, let unpacked):
            guard engine.freeBytes >= bytes + 2 * unpacked else { return .failed(reason: "no space left on device") }
            guard nodes[name]?.parts == nil else { return .alreadyInPlace }
            nodes[name]?.parts = []
            return .done(detail: "")
        case .load(let load, let job):
            engine.loads.append(load)
            return begin(act, job, run, on: name, endsAt: now + engine.loadTime)
        case .pull(_, _, let job): return begin(act, job, run, on: name, endsAt: now + engine.loadTime)
        case .tag(let id, let reference):
            guard engine.images[id] != nil else { return .failed(reason: "No such image: \(id)") }
            engine.name(id, reference)
            return .done(detail: "")
        case .remove(let id):
            guard let image = engine.images[id] else { return .alreadyInPlace }
            guard !engine.used.contains(id), image.names.isEmpty else {
                return .failed(reason: "conflict: unable to delete \(id)")
            }
            engine.images[id] = nil
            return .done(detail: "")
        case .clear:
            guard nodes[name]?.parts != nil else { return .alreadyInPlace }
            nodes[name]?.parts = nil
            return .done(detail: "")
        }
    }

    private mutating func begin(
        _ act: ImageNodeAct,
        _ job: String,
        _ run: RunID,
        on name: NodeName,
        endsAt: Duration
    ) -> ActionResult {
        let key = "\(run)/\(job)"
        guard nodes[name]?.jobs[key] == nil else {
            violations.append("\(key) was begun again on \(name)")
            return .pending
        }
        let open = (nodes[name]?.jobs ?? [:]).filter { $0.value.image != nil && !$0.value.isDone }
        if let other = open.keys.sorted().first, open.values.contains(where: { $0.endsAt > endsAt - .seconds(20) }) {
            if other.hasPrefix("\(run)/") { violations.append("\(key) was begun on \(name) beside \(other)") }
        }
        nodes[name]?.jobs[key] = SimulatedNode.Job(packages: [], endsAt: endsAt, image: act)
        return .pending
    }

    /// What comes of a detached job.
    mutating func end(_ act: ImageNodeAct, on name: NodeName) -> ActionResult {
        guard var engine = nodes[name]?.engine else { return .failed(reason: "docker: command not found") }
        defer { nodes[name]?.engine = engine }
        switch act {
        case .load(let load, _):
            if let failure = engine.loadFailure { return .failed(reason: failure) }
            let staged = nodes[name]?.parts ?? []
            if let missing = load.parts.first(where: { !staged.contains($0) }) {
                return .failed(reason: "\(missing): No such file or directory")
            }
            let chain = engine.refusesPartial ? 0 : engine.chain(load.layers)
            let lost = load.layers.dropFirst(chain).first { !load.parts.contains(SimulatedEngine.part(of: $0)) }
            if let lost { return .failed(reason: "Error processing tar file: \(lost)/layer.tar: no such file") }
            engine.images[load.id] = engine.images[load.id] ?? SimulatedEngine.Image(layers: load.layers)
            engine.name(load.id, load.reference)
            return .done(detail: "Loaded image: \(load.reference)")
        case .pull(let source, let reference, _):
            guard let found = engine.registry[source] else { return .failed(reason: "manifest unknown") }
            engine.images[found.id] = engine.images[found.id] ?? SimulatedEngine.Image(layers: found.layers)
            engine.images[found.id]?.digests.insert(source)
            engine.name(found.id, reference)
            return .done(detail: "pulled")
        case .stage, .tag, .remove, .clear: return .failed(reason: "no job")
        }
    }
}
