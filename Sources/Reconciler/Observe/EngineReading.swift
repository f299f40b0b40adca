internal import Specs

/// Why an engine's answer is not taken for what it holds.
public struct UnreadableEngine: Error, Hashable, Sendable, Codable {
    public var reason: String

    public init(_ reason: String) { self.reason = reason }
}

extension ObservedEngine {
    /// Makes values of an engine's raw words.
    ///
    /// Read are the forms of Docker 1.4 to 29 (mesos-zk-ops.md 7).
    /// - Throws: `UnreadableEngine` where any part cannot be understood: what was not read must not look like what is not there.
    public init(_ answer: ImagesAnswer) throws(UnreadableEngine) {
        let info = try EngineInfo(answer.info)
        self.init(
            version: answer.version,
            storageDriver: info.driver,
            usesContainerdStore: info.usesContainerdStore,
            rootDirectory: info.root,
            freeBytes: answer.freeBytes,
            architecture: info.architecture.flatMap(ImageArchitecture.name),
            images: try HeldImage.all(inspected: answer.inspected, table: answer.table),
            used: Set(try answer.used.split(separator: "\n").mapTyped(imageID)),
            stagedBytes: answer.stagedBytes
        )
    }
}

public enum ImageArchitecture {
    /// An architecture as images name it (`amd64`), whatever a kernel or an engine calls it (`x86_64`).
    ///
    /// - Returns: nil for an empty name; a name that is not known as it is, in lower case.
    public static func name(_ text: String) -> String? {
        switch text.lowercased() {
        case "": nil
        case "x86_64", "x86-64": "amd64"
        case "aarch64", "arm64/v8": "arm64"
        case let other where other.hasPrefix("armv") || other.hasPrefix("arm/"): "arm"
        case "i386", "i486", "i586", "i686": "386"
        case let other: other
        }
    }
}

/// What `docker info` says.
private struct EngineInfo {
    var driver: String?
    var root: String?
    var architecture: String?
    var usesContainerdStore = false

    /// How a containerd image store shows itself in the driver's status (mesos-zk-ops.md 7).
    private static let snapshotter = "io.containerd.snapshotter.v1"

    init(_ text: String) throws(UnreadableEngine) {
        if text.first(where: { !$0.isWhitespace }) == "{" {
            try self.init(json: text)
        } else {
            try self.init(lines: text)
        }
    }

    private init(json text: String) throws(UnreadableEngine) {
        let info = try parsed(text, of: "docker info")
        // A client answers for itself where the engine is silent (from 18.09 on).
        if let first = info["ServerErrors"]?.items?.first {
            throw UnreadableEngine("docker info: \(first.plainText ?? "the engine did not answer")")
        }
        guard let driver = info["Driver"]?.plainText else {
            throw UnreadableEngine("docker info: it names no storage driver")
        }
        self.driver = driver.isEmpty ? nil : driver
        root = info["DockerRootDir"]?.plainText
        architecture = info["Architecture"]?.plainText
        usesContainerdStore = (info["DriverStatus"]?.items ?? []).contains { pair in
            pair.items?.map(\.plainText) == ["driver-type", Self.snapshotter]
        }
    }

    private init(lines text: String) throws(UnreadableEngine) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(parts[1].drop { $0 == " " })
            switch parts[0].drop(while: { $0 == " " }) {
            case "Storage Driver", "Driver": driver = driver ?? value
            case "Docker Root Dir": root = value
            case "Architecture": architecture = value
            case "driver-type": usesContainerdStore = value == Self.snapshotter
            default: continue
            }
        }
        guard driver != nil else { throw UnreadableEngine("docker info: it names no storage driver") }
    }
}

extension HeldImage {
    /// Of `docker inspect`; names from the table where an engine before 1.9 tells none there.
    fileprivate static func all(inspected: String, table: String) throws(UnreadableEngine) -> [HeldImage] {
        guard let documents = try parsed(inspected, of: "docker inspect").items else {
            throw UnreadableEngine("docker inspect: the answer is no list")
        }
        var images: [String: HeldImage] = [:]
        var hasUnnamed = false
        for document in documents {
            let image = try HeldImage(document)
            images[image.id] = image
            if document["RepoTags"] == nil { hasUnnamed = true }
        }
        if hasUnnamed {
            for (reference, id) in try names(table) {
                guard let references = images[id]?.references else {
                    throw UnreadableEngine("docker images: \(reference) is \(id), which docker inspect does not know")
                }
                images[id]?.references = Set(references + [reference]).sorted()
            }
        }
        return images.values.sorted { $0.id < $1.id }
    }

    private init(_ document: AppValue) throws(UnreadableEngine) {
        guard let id = document["Id"]?.plainText else { throw UnreadableEngine("docker inspect: an image has no Id") }
        // Before 1.10 `Size` was that of the uppermost layer alone.
        let sizes = [document["Size"], document["VirtualSize"]].compactMap { $0?.integer }
        guard let bytes = sizes.max() else { throw UnreadableEngine("docker inspect: \(id) has no size") }
        self.init(
            id: try imageID(id),
            references: try texts(document["RepoTags"], of: "RepoTags").filter { !$0.contains("<none>") }.sorted(),
            digests: try texts(document["RepoDigests"], of: "RepoDigests").filter { !$0.contains("<none>") }.sorted(),
            layers: try texts(document["RootFS"]?["Layers"], of: "RootFS.Layers"),
            bytes: bytes,
            architecture: document["Architecture"]?.plainText.flatMap(ImageArchitecture.name),
            context: document["Config"]?["Labels"]?[ImageLabel.context]?.plainText
        )
    }

    /// Rows of `docker images --no-trunc`: repository, tag, id, age, size.
    private static func names(_ table: String) throws(UnreadableEngine) -> [(reference: String, id: String)] {
        let rows = table.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        guard let header = rows.first, header.prefix(4) == ["REPOSITORY", "TAG", "IMAGE", "ID"] else {
            throw UnreadableEngine("docker images: the table has another header than REPOSITORY, TAG, IMAGE ID")
        }
        var names: [(reference: String, id: String)] = []
        for row in rows.dropFirst() {
            guard row.count >= 3 else { throw UnreadableEngine("docker images: a row has too few columns") }
            let id = try imageID(row[2])
            if row[0] != "<none>", row[1] != "<none>" { names.append(("\(row[0]):\(row[1])", id)) }
        }
        return names
    }
}

private func parsed(_ text: String, of command: String) throws(UnreadableEngine) -> AppValue {
    do { return try AppValue(json: Array(text.utf8)) } catch { throw UnreadableEngine("\(command): \(error)") }
}

/// 64 hexadecimal digits, `sha256:` before them from Docker 1.10 on.
private func imageID(_ text: some StringProtocol) throws(UnreadableEngine) -> String {
    let digits = text.hasPrefix("sha256:") ? text.dropFirst("sha256:".count) : text[...]
    guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else {
        throw UnreadableEngine("`\(text.prefix(80))` is no image's id")
    }
    return String(text)
}

/// A list of texts; empty where it is missing or null.
private func texts(_ value: AppValue?, of key: String) throws(UnreadableEngine) -> [String] {
    guard let value, value != .null else { return [] }
    guard let items = value.items else { throw UnreadableEngine("docker inspect: \(key) is no list") }
    return try items.mapTyped { (item) throws(UnreadableEngine) in
        guard let text = item.plainText else {
            throw UnreadableEngine("docker inspect: \(key) holds something else than texts")
        }
        return text
    }
}

extension Collection {
    /// `map` with a typed error.
    fileprivate func mapTyped<Result>(
        _ transform: (Element) throws(UnreadableEngine) -> Result
    ) throws(UnreadableEngine) -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try transform(element)) }
        return results
    }
}
