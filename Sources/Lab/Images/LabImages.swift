internal import Daemons
internal import Specs

/// Where images come from: engines outside the cluster, tars, and the parts that the operator's machine has packed.
struct LabImages: Sendable, Codable {
    /// A place outside the cluster that has images.
    struct Origin: Sendable, Codable {
        var engine: DockerEngine
        /// References that it was given once, so that what is removed there stays away.
        var given: [String] = []
    }

    /// By `ImageHost.description`, or `tar PATH`.
    var origins: [String: Origin] = [:]
    /// Parts that the operator's machine has in its cache, by digest.
    var parts: [String: StagedPart] = [:]
}

extension DockerEngine {
    /// The image that the lab has for a declared name: a base layer of 120 MB that all of them share, and 60 MB of its own.
    @discardableResult
    mutating func add(declared reference: String, labels: [String: String] = [:]) -> String {
        // The same for `web` and `web:latest`.
        let hasTag = reference.split(separator: "/").last?.contains { ":@".contains($0) } ?? false
        let name = hasTag ? reference : reference + ":latest"
        let own = labels.isEmpty ? name : "\(name) \(labels.sorted { $0.key < $1.key })"
        return add(
            reference,
            layers: [.init("base", bytes: 120_000_000), .init(own, bytes: 60_000_000)],
            labels: labels,
            created: LabWorld.beginning
        )
    }
}

/// What stands in the way of an image's bytes.
struct Obstacle: Error {
    enum Kind { case unreachable, feeder, absent, moved, engineDown, diskFull, damaged, notStaged }

    var kind: Kind
    var words: String

    init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }
}

extension LabWorld {
    /// Looks at or changes the engine that an image comes from.
    ///
    /// - Parameters:
    ///   - host: One of the cluster's nodes, whose own engine it is, or any other, which has one that holds what is declared.
    ///   - references: Declared as coming from there.
    ///   - body: What is looked at or done.
    /// - Returns: What `body` does.
    /// - Throws: Nobody answers there.
    mutating func atOrigin<Result>(
        _ host: ImageHost,
        holding references: [String],
        _ body: (inout DockerEngine) -> Result
    ) throws(Obstacle) -> Result {
        guard case .ssh(let name) = host, let index = indices[name.text] else {
            return atOrigin(named: host.description, holding: references, body)
        }
        guard network.reaches(from: nil, to: name.text) else {
            throw Obstacle(
                .unreachable,
                "\(name): nobody answers (ssh: connect to host \(machines[index].node.address) port 22: No route to host)"
            )
        }
        guard var client = machines[index].node.engineClient(at: now) else {
            throw Obstacle(.engineDown, "\(name): docker: command not found; install Docker there")
        }
        do throws(Unknown) { _ = try client.version() } catch { throw Obstacle(.engineDown, "\(name): \(error.why)") }
        defer { machines[index].node.engine = client.engine }
        return body(&client.engine)
    }

    /// A place outside the cluster, made when it is first looked at.
    mutating func atOrigin<Result>(
        named name: String,
        holding references: [String],
        _ body: (inout DockerEngine) -> Result
    ) -> Result {
        var all = images ?? LabImages()
        var origin =
            all.origins[name]
            ?? LabImages.Origin(engine: DockerEngine(version: engineVersion, node: name, seed: seed))
        for reference in references where !origin.given.contains(reference) {
            origin.given.append(reference)
            origin.engine.add(declared: reference)
        }
        let result = body(&origin.engine)
        all.origins[name] = origin
        images = all
        return result
    }

    /// Of the engines outside: what the nodes have or will have, so that ids are of one kind.
    private var engineVersion: DockerVersion {
        if let known = machines.lazy.compactMap(\.node.engine).first { return known.version }
        let offered = machines.first?.node.catalogue.offered ?? [:]
        let packages = ["lxc-docker", "docker.io", "docker-engine", "docker"]
        let version = packages.lazy.compactMap { offered[$0]?.first }.first ?? "20.10.24"
        return DockerVersion(upstreamVersion(version))
    }
}
