/// cluster.yaml and the files it names: text in, checked values out.
///
/// Every fault is reported in one run: syntax, then keys and types, then the rules between sections. It never looks
/// up a secret, and asks `source` for nothing but cluster.yaml, the app files and the keys of repositories, and whether what
/// images are made of is there.
public enum SpecReader {
    /// Reads the file at `path` in `source`; `label` is how diagnostics name it, `path` where nothing is said.
    ///
    /// App files are named beside it: with the label `envs/east/cluster.yaml`, `envs/east/apps/web.json`.
    public static func read(
        _ path: String,
        from source: any SpecSource,
        named label: String? = nil,
        limits: ReadingLimits = ReadingLimits(),
        appLimits: ReadingLimits = .apps
    ) -> SpecReading {
        var files = SpecFiles(source: source, main: label ?? path, appLimits: appLimits)
        let context = files.context
        let start = SourcePosition(file: files.main, line: 1, column: 1)
        guard let root = files.tree(of: path, named: files.main, askedAt: start, limits) else {
            return files.reading(spec: nil, apps: [])
        }
        let field = Field(path: "", node: root, key: root.position, context: context)
        guard let section = Section(field) else { return files.reading(spec: nil, apps: []) }
        var spec = ClusterSpec(section, file: files.main)
        section.reportUnknownKeys()
        let declared = files.apps(matching: spec.other.apps)
        let sections = Set(root.entries?.map(\.key.value) ?? [])
        files.checkOrigins(of: spec.other.images)
        RepositoryKeyFiles.read(into: &spec.other.repositories, from: source, main: files.main, context)
        spec.readSources(from: source, beside: files.main, context)
        if !context.isOverwhelmed {
            let draft = SpecDraft(spec: spec, apps: declared, sections: sections, faultyPaths: context.faultyPaths)
            context.report(SpecRules.check(draft))
        }
        return files.reading(spec: spec, apps: declared.apps)
    }
}

/// The files of one reading.
private struct SpecFiles {
    let source: any SpecSource
    let main: String
    let appLimits: ReadingLimits
    let context = ReadingContext()
    private var texts: [String: String] = [:]
    /// More than anyone reads at once; only generated files have so many.
    static let mostShown = 1000

    init(source: any SpecSource, main: String, appLimits: ReadingLimits) {
        self.source = source
        self.main = main
        self.appLimits = appLimits
    }

    /// The tree of a file, by its name's ending JSON or YAML; nil, with the fault reported, where there is none.
    mutating func tree(
        of path: String,
        named label: String,
        askedAt place: SourcePosition,
        _ limits: ReadingLimits
    ) -> YAMLNode? {
        do {
            guard let bytes = try source.bytes(of: path) else {
                context.report(Diagnostic(.error, "there is no file `\(label)`", at: place))
                return nil
            }
            let text = try SourceText(bytes, file: label, limits: limits)
            texts[label] = text.text
            context.add(text)
            let isJSON = path.lowercased().hasSuffix(".json")
            let (root, faults) =
                isJSON ? try JSONParser.parse(text, limits: limits) : try YAMLParser.parse(text, limits: limits)
            context.report(faults)
            return root
        } catch let error as SpecSourceError {
            context.report(Diagnostic(.error, error.message, at: place))
        } catch let error as InvalidSpec {
            context.report(error.diagnostics)
        } catch {
            preconditionFailure("reading throws nothing else")
        }
        return nil
    }

    /// The apps in the files that match; a glob without files is a fault, a file named twice is read once.
    mutating func apps(matching globs: [Located<String>]) -> DeclaredApps {
        var declared = DeclaredApps()
        var seen: Set<String> = []
        for glob in globs {
            let paths: [String]
            do {
                paths = try source.paths(matching: glob.value)
            } catch {
                context.report(Diagnostic(.error, error.message, at: glob.position))
                declared.isWhole = false
                continue
            }
            if paths.isEmpty {
                declared.isWhole = false
                let message = "no file matches `\(glob.value.abbreviated)`"
                context.report(Diagnostic(.error, message, at: glob.position, hint: "paths are relative to \(main)"))
            }
            for path in paths where seen.insert(path).inserted {
                guard let root = tree(of: path, named: beside(path), askedAt: glob.position, appLimits) else {
                    declared.isWhole = false
                    continue
                }
                declared.add(Field(path: "", node: root, key: root.position, context: context))
            }
        }
        return declared
    }

    /// What an image is loaded or built from is there; a tar may be large, so that it is looked for and not read.
    func checkOrigins(of images: [ImageSpec]) {
        for image in images where !context.isOverwhelmed {
            if let tar = image.tar { check(tar.value, what: "there is no file", tar) }
            if let build = image.build {
                let directory = build.value.hasSuffix("/") ? build.value : build.value + "/"
                check(directory + "Dockerfile", what: "nothing to build from: there is no file", build)
            }
        }
    }

    private func check(_ path: String, what message: String, _ place: Located<String>) {
        // Such a name is a pattern to the source.
        guard !path.contains(where: { "*?[]\\".contains($0) }) else { return }
        do {
            guard try source.paths(matching: path).isEmpty else { return }
            let hint = path.hasPrefix("/") ? nil : "paths are relative to \(main)"
            let words = "\(message) `\(path.abbreviated)`"
            context.report(Diagnostic(.error, words, at: place.position, hint: hint))
        } catch {
            context.report(Diagnostic(.error, error.message, at: place.position))
        }
    }

    private func beside(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = main.lastIndex(of: "/") else { return path }
        return main[...slash] + path
    }

    func reading(spec: ClusterSpec?, apps: [AppDefinition]) -> SpecReading {
        let order = { (diagnostic: Diagnostic) in diagnostic.position.file == main ? 0 : 1 }
        var seen: Set<Diagnostic> = []
        var diagnostics = context.diagnostics.filter { seen.insert($0).inserted }.sorted {
            (order($0), $0.position, $0.message) < (order($1), $1.position, $1.message)
        }
        let isValid = !diagnostics.contains { $0.severity == .error }
        if diagnostics.count > SpecFiles.mostShown {
            let place = diagnostics[SpecFiles.mostShown].position
            diagnostics.removeLast(diagnostics.count - SpecFiles.mostShown)
            let severity: Diagnostic.Severity = isValid ? .warning : .error
            diagnostics.append(Diagnostic(severity, "more faults follow from here", at: place))
        }
        return SpecReading(spec: isValid ? spec : nil, diagnostics: diagnostics, texts: texts, apps: apps)
    }
}
