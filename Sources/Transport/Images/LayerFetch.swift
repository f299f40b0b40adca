internal import Glibc
internal import Reconciler
internal import SystemPackage

/// Brings one gzipped stretch of bytes from where it is into a file of the cache, and checks it.
struct LayerFetch: Sendable {
    var shell: HostShell
    var place: ShellPlace
    /// The file it grows in.
    var path: String
    /// What it is, for messages.
    var label: String
    /// Prints it from an offset on.
    var call: @Sendable (Int) throws(CourierError) -> ShellCall
    /// SHA-256 of what is in it, 64 hexadecimal digits; nil where nobody knows.
    var expected: String?
    var pauses: [Duration]

    /// - Parameter progress: Bytes that are there.
    /// - Returns: What came and the file it is in.
    /// - Throws: `CourierError`, once trying again has not helped.
    func run(
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(CourierError) -> (layer: PartCache.Layer, file: String) {
        // Another run may be fetching the same: each its own file.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw PartCache.error(path) }
        defer {
            // A child between fork and exec has it open too, and would keep its lock.
            flock(file, LOCK_UN)
            Glibc.close(file)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            var other = self
            other.path += ".\(NodeScript.randomNonce().prefix(8)).growing"
            return try await other.run(progress)
        }
        let descriptor = FileDescriptor(rawValue: file)
        var attempt = 0
        while true {
            let offset = Int(lseek(file, 0, SEEK_END))
            do throws(CourierError) {
                try await fetch(to: descriptor, from: offset, progress)
                return (try await check(), path)
            } catch {
                // What was there before may be of another making: then from the beginning.
                let isFresh = offset == 0
                if error.kind == .damaged { _ = ftruncate(file, 0) }
                guard error.kind == .unreachable || error.kind == .damaged && !isFresh, attempt < pauses.count else {
                    throw error
                }
            }
            if case .node(let node) = place { await shell.access.forgetBrokenConnection(to: node) }
            do { try await Task.sleep(for: pauses[attempt]) } catch {
                throw CourierError(.cancelled, "\(label): cancelled")
            }
            attempt += 1
        }
    }

    private func fetch(
        to file: FileDescriptor,
        from offset: Int,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(CourierError) {
        let ended: StreamedProcess.Ended<CourierError?>
        let call = try call(offset)
        do throws(NodeAccessError) {
            // What it has to pass over first makes no byte pass.
            let stall = shell.stall + .seconds(offset / 5_000_000)
            ended = try await shell.run([call], of: .origin, at: place, stall: stall) { pipes, reader in
                await pipes.finish()
                var there = offset
                while let piece = await reader.next() {
                    guard (try? file.writeAll(piece)) == piece.count else { return PartCache.error(path) }
                    there += piece.count
                    progress(there)
                }
                return nil
            }
        } catch {
            throw CourierError(error)
        }
        if let failure = ended.value { throw failure }
        guard ended.exitCode == 0 else {
            let words = lastLine(ended.errors)
            throw CourierError(
                .unreachable,
                "\(label): \(place) stopped half-way (\(words.isEmpty ? ended.ending : words)); run again"
            )
        }
    }

    /// What arrived is a whole gzip member of the right content.
    private func check() async throws(CourierError) -> PartCache.Layer {
        // `gzip` insists on a name that ends in .gz unless it reads standard input.
        let words = ["-c", "exec gzip -dc <\"$0\"", path]
        let process = StreamedProcess(program: "/bin/sh", arguments: words, stall: shell.stall)
        let ended: StreamedProcess.Ended<(digest: String, count: Int)>
        do throws(StreamedProcess.Failure) {
            ended = try await process.run(in: shell.access.socketDirectory) { pipes in
                var reader = pipes.reader()
                var stream = DigestStream()
                while let piece = await reader.next() { stream.update(piece) }
                let count = stream.count
                return (stream.finish(), count)
            }
        } catch {
            throw CourierError(error == .cancelled ? .cancelled : .other, "\(label): gzip on this machine: \(error)")
        }
        guard ended.exitCode == 0, expected == nil || expected == ended.value.digest else {
            throw CourierError(
                .damaged,
                "\(label): what \(place) gave is not what its digest says; check the image there"
            )
        }
        let (digest, bytes) = try fileDigest()
        return PartCache.Layer(digest: digest, bytes: bytes, unpacked: ended.value.count)
    }

    private func fileDigest() throws(CourierError) -> (String, Int) {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { throw PartCache.error(path) }
        defer { try? file.close() }
        var stream = DigestStream()
        while true {
            guard let piece = PartCache.piece(of: file) else { throw PartCache.error(path) }
            if piece.isEmpty { break }
            stream.update(piece)
        }
        let count = stream.count
        return (stream.finish(), count)
    }
}
