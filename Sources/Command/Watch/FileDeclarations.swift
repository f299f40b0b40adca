internal import Reconciler
internal import Specs
internal import Synchronization
internal import Transport

/// A file of this machine and everything it names, read anew only where one byte of it changed.
final class FileDeclarations: DeclarationSource {
    private struct Known {
        var reading: RecordedReading
        var offer: DeclarationOffer
        /// Whether a commit may still change its name while its bytes stay.
        var isSettled: Bool
    }

    private let file: String
    private let known = Mutex<Known?>(nil)

    init(file: String) { self.file = file }

    func newest() async -> DeclarationOffer {
        if let known = known.withLock({ $0 }), known.isSettled, known.reading.isStillTrue { return known.offer }
        let place = DeclaredFile(file)
        let recorder = RecordingSource(DirectorySpecSource(place.directory))
        let reading = SpecReader.read(place.name, from: recorder, named: file)
        let record = recorder.reading
        let declaration = Declaration(
            spec: reading.spec,
            apps: reading.apps,
            diagnostics: reading.diagnostics,
            texts: reading.texts,
            revision: await GitRevision.current(of: place.directory)
        )
        let revision = declaration.revision
        let offer: DeclarationOffer =
            switch declaration.checked(directory: nil) {
            case .success(let declared):
                .declared(declared, revision: revision, identity: "\(record.digest) \(revision ?? "-")")
            case .failure(let fault): .unreadable(revision: revision, reason: fault.reason)
            }
        let isSettled = !(revision?.hasSuffix("+") ?? false)
        known.withLock { $0 = Known(reading: record, offer: offer, isSettled: isSettled) }
        return offer
    }
}

/// What a reading was made of, so that it can be told whether another would be the same.
struct RecordedReading: Sendable {
    var source: DirectorySpecSource
    /// The digest of each file that was asked for; nil where there was none or it could not be read.
    var files: [String: String?]
    var globs: [String: [String]?]

    /// Of everything that was read.
    var digest: String {
        let lines =
            files.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value ?? "-")" }
            + globs.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value?.joined(separator: "\t") ?? "-")" }
        return sha256(lines.joined(separator: "\n"))
    }

    var isStillTrue: Bool {
        files.allSatisfy { Self.digest(of: $0.key, in: source) == $0.value }
            && globs.allSatisfy { (try? source.paths(matching: $0.key)) == $0.value }
    }

    static func digest(of path: String, in source: DirectorySpecSource) -> String? {
        (try? source.bytes(of: path)).flatMap { $0 }.map { sha256(bytes: $0) }
    }
}

/// Remembers what it was asked for and what it said.
final class RecordingSource: SpecSource {
    private let source: DirectorySpecSource
    private let record: Mutex<RecordedReading>

    init(_ source: DirectorySpecSource) {
        self.source = source
        record = Mutex(RecordedReading(source: source, files: [:], globs: [:]))
    }

    var reading: RecordedReading { record.withLock { $0 } }

    func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? {
        let answer: Result<[UInt8]?, SpecSourceError>
        do throws(SpecSourceError) { answer = .success(try source.bytes(of: path)) } catch { answer = .failure(error) }
        let digest = (try? answer.get()).flatMap { $0 }.map { sha256(bytes: $0) }
        record.withLock { $0.files[path] = .some(digest) }
        return try answer.get()
    }

    func paths(matching glob: String) throws(SpecSourceError) -> [String] {
        let answer: Result<[String], SpecSourceError>
        do throws(SpecSourceError) { answer = .success(try source.paths(matching: glob)) } catch {
            answer = .failure(error)
        }
        record.withLock { $0.globs[glob] = .some(try? answer.get()) }
        return try answer.get()
    }
}
