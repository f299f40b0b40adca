internal import Glibc
internal import Reconciler
internal import Specs
internal import SystemPackage

extension DockerImageCourier {
    /// Lets `node` fetch the large parts from `feeder`'s own sshd, with a key that lives for this call only.
    func feed(
        _ pack: ImagePack,
        to node: NodeTarget,
        from feeder: NodeTarget,
        _ tally: DeliveryTally
    ) async throws(CourierError) {
        let large = tally.missing.filter { $0.bytes > PartSession.small }
        guard !large.isEmpty else { return }
        let marker = "reconciler-feed-\(run)-\(NodeScript.randomNonce().prefix(8))"
        let key = FeederKeys.Key(feeder: feeder, marker: marker, file: options.authorizedKeys)
        let outcome: Result<Void, CourierError>
        do throws(CourierError) {
            let door = try await door(to: feeder, for: node, key)
            outcome = .success(try await fetch(large, to: node, through: door, marker: marker, tally))
        } catch {
            outcome = .failure(error)
        }
        let left = await feeders.revoke(key, shell: shell)
        do throws(CourierError) {
            try outcome.get()
        } catch {
            throw CourierError(
                [.cancelled, .diskFull, .feeder].contains(error.kind) ? error.kind : .feeder,
                error.message,
                sent: tally.delivery.sent
            )
        }
        if let left {
            throw CourierError(
                .feeder,
                "\(feeder.name): the key \(marker) could not be taken out of authorized_keys (\(left)); its janitor will",
                sent: tally.delivery.sent
            )
        }
    }

    /// Makes a key and has the feeder accept it, for printing parts to `node` only.
    private func door(
        to feeder: NodeTarget,
        for node: NodeTarget,
        _ key: FeederKeys.Key
    ) async throws(CourierError) -> FeederDoor {
        let pair = try await KeyPair.make(comment: key.marker, in: shell.access.socketDirectory)
        await feeders.add(key)
        let call = ShellCall(
            "authorise",
            [
                feeder.ssh.become?.value == .sudo ? "sudo -n" : "", options.parts(of: feeder), options.authorizedKeys,
                node.address,
                key.marker, pair.publicKey, CourierLibrary.feed.text, options.hostKeys,
            ]
        )
        // Two at once would both rewrite the same file.
        let said = try await turnstiles.alone(in: "keys \(feeder.name)") { () throws(CourierError) in
            try await asked(call, of: feeder)
        }
        guard let door = FeederDoor(said, of: feeder, key: pair.privateKey) else {
            let words = lastLine(said)
            throw CourierError(.feeder, "\(feeder.name): it takes no key (\(words.isEmpty ? "no answer" : words))")
        }
        return door
    }

    private func asked(_ call: ShellCall, of feeder: NodeTarget) async throws(CourierError) -> String {
        do throws(NodeAccessError) {
            let ended = try await shell.ask([call], of: .feeder, at: .node(feeder), asLogin: true)
            return String(decoding: ended.value, as: UTF8.self)
        } catch {
            throw CourierError(error)
        }
    }

    private func fetch(
        _ parts: [ImagePack.Part],
        to node: NodeTarget,
        through door: FeederDoor,
        marker: String,
        _ tally: DeliveryTally
    ) async throws(CourierError) {
        let key = ShellCall("take_key", [marker, String(door.key.count), door.knownHosts])
        let calls = parts.map {
            ShellCall("fetch", [$0.digest, String($0.bytes), door.user, door.address, String(door.port)])
        }
        let stall = options.stall
        let ended: StreamedProcess.Ended<PartAnswer.Failure?>
        do throws(NodeAccessError) {
            ended = try await shell.run(
                [ShellCall("enter", [options.parts(of: node)]), key] + calls,
                of: .parts,
                at: .node(node)
            ) { pipes, reader in
                guard await pipes.write(door.key) else { return .silent }
                await pipes.finish()
                for part in parts {
                    if let failure = await Self.follow(part, &reader, pipes.watch, stall, tally) { return failure }
                }
                return nil
            }
        } catch {
            throw CourierError(error)
        }
        guard let failure = ended.value else { return }
        throw await failure.error(at: SSHFailure.label(node), said: ended.errors, cache: cache)
    }

    /// Follows how a part grows; the node says its length again and again, also when it does not grow.
    private static func follow(
        _ part: ImagePack.Part,
        _ reader: inout ProcessPipes.Reader,
        _ watch: StallWatch,
        _ stall: Duration,
        _ tally: DeliveryTally
    ) async -> PartAnswer.Failure? {
        var last: Int?
        var since = ContinuousClock.now
        while true {
            switch PartAnswer(await reader.line(), of: part.digest) {
            case .have:
                tally.have(part)
                return nil
            case .at(let bytes):
                if last == nil { tally.found(bytes, of: part) } else { tally.grown(to: bytes, of: part) }
                if last != bytes { since = .now }
                last = bytes
                guard ContinuousClock.now - since < stall else {
                    return .said(kind: "feeder", words: "no byte for \(stall.components.seconds) s")
                }
            case .checking: watch.allow(stall + .seconds(part.bytes / 5_000_000))
            case .whole:
                watch.allow(stall)
                tally.grown(to: part.bytes, of: part)
                tally.settled(part)
                return nil
            case .failed(let failure): return failure
            }
        }
    }
}

/// A key for one delivery, made by `ssh-keygen`.
private struct KeyPair {
    var publicKey: String
    var privateKey: [UInt8]

    static func make(comment: String, in directory: String) async throws(CourierError) -> KeyPair {
        let path = "\(directory)/\(comment)"
        defer {
            _ = unlink(path)
            _ = unlink("\(path).pub")
        }
        let child = ChildProcess(
            program: "ssh-keygen",
            arguments: ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path],
            deadline: .seconds(20)
        )
        guard let ended = try? await child.run(in: directory), ended.exitCode == 0,
            let privateKey = content(path), let line = content("\(path).pub")
        else {
            throw CourierError(.feeder, "ssh-keygen on this machine makes no ed25519 key; install OpenSSH's client")
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).prefix(2)
        return KeyPair(publicKey: words.joined(separator: " "), privateKey: privateKey)
    }

    private static func content(_ path: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? file.close() }
        return PartCache.piece(of: file, most: 16_384)
    }
}
