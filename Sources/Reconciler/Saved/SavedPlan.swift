public import Specs

/// A plan with everything it was made from, to be applied exactly or not at all.
///
/// Holds references to secrets, never a value; of files that may hold one only their stamps.
public struct SavedPlan: Hashable, Sendable, Codable {
    /// The version that made it: another may plan otherwise.
    public var tool: String
    /// Seconds since 1970.
    public var savedAt: Int
    /// Digest of every file that was read, by its path as named in cluster.yaml; cluster.yaml itself by its name.
    public var inputs: [String: String]
    public var plan: Plan
    /// What the steps rely on as it was seen, sorted.
    public var fingerprints: [Fingerprint]
    /// Step id → places in `fingerprints`.
    public var reliance: [Int: [Int]]

    public init(
        _ plan: Plan,
        desired: DesiredCluster,
        observed: ObservedCluster,
        inputs: [String: String],
        tool: String,
        at savedAt: Int
    ) {
        let relied = plan.reliedObjects(desired, observed)
        let objects = relied.values.reduce(into: Set<ReliedObject>()) { $0.formUnion($1) }
        let fingerprints = objects.compactMap { observed.fingerprint(of: $0) }.sorted {
            $0.object.words < $1.object.words
        }
        let places = Dictionary(fingerprints.enumerated().map { ($1.object, $0) }) { first, _ in first }
        self.tool = tool
        self.savedAt = savedAt
        self.inputs = inputs
        self.plan = plan
        self.fingerprints = fingerprints
        reliance = relied.mapValues { objects in objects.compactMap { places[$0] }.sorted() }
    }

    public var cluster: String { plan.cluster }

    public var objects: Set<ReliedObject> { Set(fingerprints.map(\.object)) }

    /// The steps that rely on `object`, sorted.
    public func steps(relyingOn object: ReliedObject) -> [Int] {
        reliance.filter { $0.value.contains { fingerprints[$0].object == object } }.keys.sorted()
    }

    /// Why it was made by another tool or from other files, as sentences; empty where neither.
    public func mismatches(tool: String, cluster: String, inputs: [String: String]) -> [String] {
        var words: [String] = []
        if tool != self.tool { words.append("the tool: version \(self.tool) → \(tool)") }
        if cluster != self.cluster { words.append("the cluster: \(self.cluster) → \(cluster)") }
        for path in Set(inputs.keys).union(self.inputs.keys).sorted() where inputs[path] != self.inputs[path] {
            switch (self.inputs[path], inputs[path]) {
            case (let before?, let now?): words.append("\(path): \(Self.short(before)) → \(Self.short(now))")
            case (_?, nil): words.append("\(path): was read then, and is not any more")
            case (nil, _): words.append("\(path): was not read then")
            }
        }
        return words
    }

    private static func short(_ digest: String) -> String { "sha256:\(digest.prefix(12))" }
}

/// An object that is not what the plan relies on.
public struct MovedObject: Hashable, Sendable {
    public var object: ReliedObject
    /// Empty where nothing can be said of it now.
    public var moves: [Fingerprint.Move]
    /// Steps that rely on it.
    public var steps: [Int]

    /// Such as `mesos-slave2: file /etc/mesos-slave/containerizers: mode 0644 → 0600 (steps 2, 3)`.
    public var words: String {
        let what =
            moves.isEmpty ? "what it is now could not be found out" : moves.map(\.words).joined(separator: "; ")
        let ids = steps.map { "\($0)" }.joined(separator: ", ")
        return "\(object.words): \(what) (\(steps.count == 1 ? "step" : "steps") \(ids))"
    }
}
