extension ClusterSpec {
    /// Reads what `source:` of files of the site's own names, each file once; what is wrong with one is reported where it is
    /// named.
    mutating func readSources(from source: any SpecSource, beside main: String, _ context: ReadingContext) {
        var reading = SiteSourceReading(source: source, main: main, context: context)
        reading.fill(&files)
        for role in Role.allCases {
            guard var spec = roles[role], !spec.files.isEmpty else { continue }
            reading.fill(&spec.files)
            roles[role] = spec
        }
        for index in nodes.indices { reading.fill(&nodes[index].files) }
    }
}

/// The files of the repository that become files on nodes.
struct SiteSourceReading {
    /// A node's whole content travels in a script: larger things are packages or images.
    static let limit = 1 << 20

    let source: any SpecSource
    let main: String
    let context: ReadingContext
    private var known: [String: Result<Content, Fault>] = [:]

    init(source: any SpecSource, main: String, context: ReadingContext) {
        self.source = source
        self.main = main
        self.context = context
    }

    mutating func fill(_ files: inout [FileSpec]) {
        for index in files.indices where !context.isOverwhelmed {
            guard case .source(let path) = files[index].source.value else { continue }
            switch text(of: path) {
            case .success(let text): files[index].sourceText = text
            case .failure(let fault):
                let place = files[index].source.position
                context.report(Diagnostic(.error, fault.message, at: place, hint: fault.hint))
            }
        }
    }

    private mutating func text(of path: String) -> Result<Content, Fault> {
        if let known = known[path] { return known }
        let result = read(path)
        known[path] = result
        return result
    }

    private func read(_ path: String) -> Result<Content, Fault> {
        let name = "`\(path.abbreviated)`"
        let bytes: [UInt8]
        do {
            guard let found = try source.bytes(of: path) else {
                let hint = path.hasPrefix("/") ? nil : "paths are relative to \(main)"
                return .failure(Fault("there is no file \(name)", hint: hint))
            }
            bytes = found
        } catch {
            return .failure(Fault(error.message))
        }
        guard bytes.count <= Self.limit else {
            let hint = "bring large files by a package or an image"
            return .failure(Fault("\(name) has \(bytes.count) bytes; a file can have 1 MiB", hint: hint))
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Fault("\(name) is no text in UTF-8", hint: "bring it by a package or an image"))
        }
        return .success(Content(text))
    }
}
