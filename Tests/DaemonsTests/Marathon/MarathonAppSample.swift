import FoundationEssentials

@testable import Daemons

/// What the tests of app definitions share.
enum MarathonAppSample {
    /// The releases whose readers and writers were read.
    static let releases = [
        MarathonVersion(0, 7, 6), MarathonVersion(0, 8, 2), MarathonVersion(1, 4, 13), MarathonVersion(1, 11, 24),
    ]
    static let now = Moment(milliseconds: 1_409_038_670_462)
    static let later = now + 60_000

    static func codec(_ version: MarathonVersion) -> MarathonAppCodec { MarathonAppCodec(version: version) }

    static func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    static func fixture(_ name: String, beside file: String = #filePath) throws -> JSON {
        let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
        let path = "/\(folder)/Fixtures/marathon-examples/\(name)"
        guard let data = FileManager.default.contents(atPath: path) else { throw Missing(path: path) }
        return try JSON(parsing: Array(data))
    }

    struct Missing: Error { var path: String }

    /// What an answer tells and a body may not or need not say.
    static let readOnly = [
        "version", "versionInfo", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "deployments",
        "tasks", "lastTaskFailure",
    ]

    /// The members without those, and in 1.0 to 1.4 without the mirrors of others.
    static func stripped(_ json: JSON, _ version: MarathonVersion) -> JSON {
        var object = json.object ?? [:]
        for key in readOnly { object[key] = nil }
        if !version.isAtLeast(1, 5), object["fetch"] != nil { object["uris"] = nil }
        return .object(object)
    }

    /// Every place and type of a value: `/container/docker/image string`; elements of an array share one place.
    static func shape(_ json: JSON, _ path: String = "") -> Set<String> {
        switch json {
        case .null: return ["\(path) null"]
        case .bool: return ["\(path) bool"]
        case .integer, .number: return ["\(path) number"]
        case .string: return ["\(path) string"]
        case .array(let values):
            return values.reduce(into: ["\(path) array"]) { $0.formUnion(shape($1, path + "/*")) }
        case .object(let object):
            if path == "/env" || path.hasSuffix("/labels") { return ["\(path) object"] }
            return object.members.reduce(into: ["\(path) object"]) {
                $0.formUnion(shape($1.value, "\(path)/\($1.key)"))
            }
        }
    }

    /// What a closure throws; nil where it throws nothing.
    static func fault(_ body: () throws -> Void) -> MarathonFault? {
        do {
            try body()
            return nil
        } catch {
            return error as? MarathonFault
        }
    }

    /// Reads, checks, gives ports: all that a POST does to a definition.
    static func create(
        _ text: String,
        _ version: MarathonVersion,
        context: MarathonContext = MarathonContext()
    ) throws -> MarathonApp {
        let codec = MarathonAppCodec(version: version, context: context)
        let app = try codec.readApp(try json(text), at: now)
        try codec.validate(app)
        var apps = [app]
        var pool = ServicePortPool()
        try codec.assignPorts(in: &apps, former: { _ in nil }, pool: &pool)
        return codec.versioned(apps[0], former: nil, at: now)
    }
}
