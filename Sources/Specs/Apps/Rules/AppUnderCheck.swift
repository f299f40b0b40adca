/// A definition under the rules of one release.
///
/// Members that could not be read are `.null` in it: they are there, and no rule judges them.
struct AppUnderCheck {
    let definition: AppValue
    let release: MarathonRelease
    /// nil: nothing is known about the flags of the Marathon.
    let context: AppContext?

    init(_ definition: AppValue, in context: AppContext) {
        self.definition = definition
        self.context = context
        release = context.release
    }

    init(_ definition: AppValue, of release: MarathonRelease) {
        self.definition = definition
        self.release = release
        context = nil
    }

    func since(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool { release >= MarathonRelease(major, minor, patch) }

    /// The readers of 1.5 and later are generated from RAML (marathon-api.md, eras).
    var readsRAML: Bool { since(1, 5) }

    /// The member that could be read.
    subscript(key: String) -> AppValue? { definition.readable(key) }

    /// Whether there is a member, be it one that could not be read.
    func says(_ key: String) -> Bool { definition[key] != nil }

    /// The objects of a list, each with its path.
    func objects(_ key: String) -> [(path: String, value: AppValue)] { definition.objects(key, in: "") }

    /// What Docker's engine is to do for the app's network, as a `docker` says it.
    ///
    /// From 1.3 a container of Mesos has none, whatever it says (S/api/v2/json/Formats.scala, 1.3.13).
    var dockerNetwork: String? {
        let isMesos = since(1, 3) && !readsRAML && self["container"]?.text("type") == "MESOS"
        return isMesos ? nil : self["container"]?["docker"]?.text("network")
    }

    /// Whether a feature is off as far as is known.
    func lacks(feature: String) -> Bool { context.map { !$0.features.contains(feature) } ?? false }
}

extension AppValue {
    /// The member under `key`, where it is there and could be read.
    func readable(_ key: String) -> AppValue? { self[key].flatMap { $0 == .null ? nil : $0 } }

    func text(_ key: String) -> String? { self[key]?.plainText }

    /// The objects of the list under `key`, each with its path; `path` is that of this value.
    func objects(_ key: String, in path: String) -> [(path: String, value: AppValue)] {
        let own = path.isEmpty ? key : "\(path).\(key)"
        return (self[key]?.items ?? []).enumerated().compactMap { index, item in
            item.members == nil ? nil : ("\(own)[\(index)]", item)
        }
    }

    /// Whether this holds nothing: an empty list, object or text.
    var isEmpty: Bool {
        switch self {
        case .list(let items): items.isEmpty
        case .object(let members): members.isEmpty
        case .text(let content): content.segments.isEmpty
        case .null: true
        case .boolean, .number: false
        }
    }
}
