internal import Glibc
public import Reconciler
public import Specs

extension DockerImageCourier {
    public func build(
        _ image: DesiredImage,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CourierError) -> SourceImage {
        do throws(CourierError) {
            guard case .build(let directory, let host) = image.origin else {
                throw CourierError(.other, "\(image.reference): it is not built from anything")
            }
            let context = try BuildContext.read(local(directory))
            try await build(image.reference, from: local(directory), context, at: try place(of: host), progress)
            return try await built(image, context.digest, on: host)
        } catch {
            throw masked(error)
        }
    }

    private func built(
        _ image: DesiredImage,
        _ context: String,
        on host: ImageHost
    ) async throws(CourierError) -> SourceImage {
        switch await engine(host) {
        case .found(let engine):
            guard let held = engine.image(image.reference), held.context == context else {
                throw CourierError(
                    .buildFailed,
                    "\(image.reference): \(host) has no image of this context after the build; look at `docker images` there"
                )
            }
            return await source(held, in: engine, on: host)
        case .absent: throw CourierError(.engineDown, "\(host): there is no Docker engine")
        case .unknown(let reason): throw CourierError(.unreachable, "\(image.reference) was built, and then: \(reason)")
        }
    }

    private func build(
        _ reference: String,
        from directory: String,
        _ context: BuildContext,
        at place: ShellPlace,
        _ progress: @escaping @Sendable (String) -> Void
    ) async throws(CourierError) {
        let archive = try ContextArchive(context, of: directory, in: shell.access.socketDirectory)
        defer { archive.remove() }
        let call = ShellCall("build_image", [reference, "\(ImageLabel.context)=\(context.digest)"])
        let secrets = secrets
        let ended: StreamedProcess.Ended<(words: [String], archived: CourierError?)>
        do throws(NodeAccessError) {
            ended = try await shell.run([call], of: .origin, at: place, stall: options.buildStall) { pipes, reader in
                async let sent = archive.send(to: pipes)
                var words: [String] = []
                while let line = await reader.line() {
                    let said = secrets.words(String(line.filter { !$0.isNewline }.prefix(300)))
                    guard said.contains(where: { !$0.isWhitespace }) else { continue }
                    words = words.suffix(4) + [said]
                    progress(said)
                }
                return (words, await sent)
            }
        } catch {
            throw CourierError(error)
        }
        if ended.exitCode == 0 {
            if let failure = ended.value.archived { throw failure }
            return
        }
        let words = ended.value.words.joined(separator: " | ")
        let kind = DockerWords.kind(words)
        throw CourierError(
            kind == .other || kind == .absent ? .buildFailed : kind,
            "\(reference): the build on \(place) failed (\(words.isEmpty ? ended.ending : words)); "
                + "mend its Dockerfile, or what the words say"
        )
    }
}

/// A build context as a tar that is the same wherever and whenever it is made.
private struct ContextArchive: Sendable {
    private let directory: String
    private let list: String
    private let scratch: String

    init(_ context: BuildContext, of directory: String, in scratch: String) throws(CourierError) {
        self.directory = directory
        self.scratch = scratch
        list = "\(scratch)/context-\(NodeScript.randomNonce())"
        // Each name as `./NAME`: none is an option then.
        let names = context.paths.map { "./\($0)\0" }.joined()
        guard let file = fopen(list, "we") else { throw PartCache.error(list) }
        let written = fputs0(names, file)
        guard fclose(file) == 0, written else { throw PartCache.error(list) }
    }

    func remove() { _ = unlink(list) }

    /// - Returns: why it is not whole; nil where it is.
    func send(to pipes: ProcessPipes) async -> CourierError? {
        let process = StreamedProcess(
            program: "tar",
            arguments: [
                "--format=gnu", "--no-recursion", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner",
                "--mode=a=rX,u+w", "-C", directory, "--null", "-T", list, "-cf", "-",
            ],
            stall: .seconds(900)
        )
        do throws(StreamedProcess.Failure) {
            let ended = try await process.run(in: scratch) { tar in
                var reader = tar.reader()
                while let piece = await reader.next() {
                    guard await pipes.write(piece) else { return false }
                }
                await pipes.finish()
                return true
            }
            // A builder that reads no more says why itself.
            guard ended.value, ended.exitCode != 0 else { return nil }
            return CourierError(
                .other,
                "\(directory): tar: \(lastLine(ended.errors)); the build context must stay as it is"
            )
        } catch {
            return CourierError(error == .cancelled ? .cancelled : .other, "\(directory): tar: \(error)")
        }
    }
}

private func fputs0(_ text: String, _ file: UnsafeMutablePointer<FILE>) -> Bool {
    let bytes = Array(text.utf8)
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
}
