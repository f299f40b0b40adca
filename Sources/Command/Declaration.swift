internal import Reconciler
internal import Specs
internal import Transport

/// What the files say.
struct Declaration: Sendable {
    /// nil where an error stands in the way.
    var spec: ClusterSpec?
    /// The apps in the files that it names.
    var apps: [AppDefinition] = []
    var diagnostics: [Diagnostic] = []
    /// The texts of the files that were read, by path, for excerpts.
    var texts: [String: String] = [:]
    /// Short git revision of the work tree that holds the file, where there is one.
    var revision: String?
    /// Digest of every file that was read, keys and `source:` files too, by its path from the main file's directory.
    var inputs: [String: String] = [:]
}

/// A declaration without an error.
struct Declared: Sendable {
    var spec: ClusterSpec
    var apps: [AppDefinition]
    var source: Plan.Source
    /// Digest of every file that was read, by its path from the main file's directory: where that lies may differ from machine
    /// to machine, what the files are to each other does not.
    var inputs: [String: String]
    /// What paths in it are relative to.
    var directory: String
    /// What `${file:…}` is relative to: not where the rest comes from when that is a git repository, which holds no secrets.
    var secretDirectory: String

    init(
        spec: ClusterSpec,
        apps: [AppDefinition],
        source: Plan.Source,
        inputs: [String: String] = [:],
        directory: String? = nil
    ) {
        self.spec = spec
        self.apps = apps
        self.source = source
        self.inputs = inputs
        self.directory = directory ?? DeclaredFile(spec.file).directory
        secretDirectory = directory == nil ? self.directory : "."
    }
}

extension Declaration {
    /// Reads a file of this machine and everything it names.
    init(file path: String) async {
        let file = DeclaredFile(path)
        let source = RecordingSource(DirectorySpecSource(file.directory))
        let reading = SpecReader.read(file.name, from: source, named: path).checkingFingerprints()
        self.init(
            spec: reading.spec,
            apps: reading.apps,
            diagnostics: reading.diagnostics,
            texts: reading.texts,
            revision: await GitRevision.current(of: file.directory),
            inputs: source.reading.files.compactMapValues { $0 }
        )
    }

    /// Reads a file of this machine as `revision` has it, with everything it names.
    /// - Throws: `Stop` where git knows no such revision.
    init(file path: String, at revision: String) async throws {
        let file = DeclaredFile(path)
        let source: GitSpecSource
        var reading: SpecReading
        do throws(SpecSourceError) {
            source = try await GitSpecSource(revision, of: file.directory)
            reading = SpecReader.read(file.name, from: source, named: path)
            while try await source.fetch() { reading = SpecReader.read(file.name, from: source, named: path) }
        } catch {
            throw Stop(.failure, "--base \(revision): \(error.message)")
        }
        self.init(
            spec: reading.spec,
            apps: reading.apps,
            diagnostics: reading.diagnostics,
            texts: reading.texts,
            revision: source.commit
        )
    }
}

/// A path taken apart: the directory that everything in the file is relative to, and the file's name in it.
struct DeclaredFile {
    var directory: String
    var name: String

    init(_ path: String) {
        guard let slash = path.lastIndex(of: "/") else {
            (directory, name) = (".", path)
            return
        }
        directory = slash == path.startIndex ? "/" : String(path[..<slash])
        name = String(path[path.index(after: slash)...])
    }
}
