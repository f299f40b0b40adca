internal import Daemons
internal import Reconciler

/// Loads and pulls, detached (load.sh).
extension LabNode {
    /// Bytes a second that an engine unpacks.
    private static let unpacked = 20_000_000

    mutating func begin(_ work: ImageJob.Work, _ job: String, _ run: RunID, _ now: Moment) throws(Concluded) {
        let directory = try newJob(job, run, now)
        _ = beginJob(in: directory, clock(at: now))
        // One at a time: the engine unpacks in one place.
        let begins = max(now, imageJobs?.values.map(\.ends).max() ?? now)
        let due = ImageJob(work: work, ends: begins + 500 + Int(numbers.next() % 500) + milliseconds(work))
        imageJobs = (imageJobs ?? [:]).merging(["\(run)/\(job)": due]) { _, new in new }
        throw .done("started")
    }

    private func milliseconds(_ work: ImageJob.Work) -> Int {
        guard case .load(let load) = work else { return 2000 }
        let bytes = load.parts.reduce(0) { total, digest in
            guard case .layer(let layer)? = stagedParts?[digest]?.piece else { return total }
            return total + layer.bytes
        }
        return bytes / (Self.unpacked / 1000)
    }

    /// Ends the jobs that are due.
    mutating func finishImageJobs(_ now: Moment) {
        let due = (imageJobs ?? [:]).filter { $0.value.ends <= now }
            .sorted { ($0.value.ends, $0.key) < ($1.value.ends, $1.key) }
        for (key, job) in due {
            imageJobs?[key] = nil
            let result: (verdict: String, words: String)
            do throws(JobFailure) {
                let words =
                    switch job.work {
                    case .load(let load): try self.load(load, at: job.ends)
                    case .pull(let source, let reference): try pull(source, as: reference, at: job.ends)
                    }
                result = words.map { ("changed", $0) } ?? ("already", "")
            } catch {
                result = ("failed", error.words)
            }
            let text = "\(result.verdict)\n\(result.words)\n"
            files.write("\(StatePath.runtime)/\(key)/result", text, at: clock(at: job.ends))
        }
    }

    // MARK: Load

    /// - Returns: What the engine said; nil where the image was there already.
    private mutating func load(_ load: ImageLoad, at now: Moment) throws(JobFailure) -> String? {
        guard files.isDirectory(StatePath.images) else { throw JobFailure("there are no staged parts here; run again") }
        var parts: [StagedPart] = []
        for digest in load.parts {
            guard files.isRegular("\(StatePath.images)/\(digest)"), let part = stagedParts?[digest] else {
                throw JobFailure("part \(digest) is not staged here; run again")
            }
            parts.append(part)
        }
        guard var client = engineClient(at: now) else {
            throw JobFailure("docker inspect \(load.reference): docker: not found")
        }
        let before = try client.plainID(load.reference)
        guard before != load.id else { return nil }
        client.engine.freeBytes = freeBytes
        let answer = client.engine.load(StagedPart.file(parts))
        client.engine.freeBytes = nil
        engine = client.engine
        let words = Self.words(answer.standardOutput + answer.standardError)
        guard answer.status == 0 else { throw JobFailure("docker load", words) }
        guard var wrong = try wrong(load, &client) else { return words }
        if let before, try client.plainID(load.reference) != before {
            // An app must not start from what was meant to be something else.
            if client.engine.command(["tag", "-f", before, load.reference], at: now).status == 0 {
                wrong += "; it names \(before) again"
            }
            engine = client.engine
        }
        throw JobFailure("docker load reported success, yet \(wrong): \(words)")
    }

    /// What the name is instead of the image; nil where it is the image.
    private func wrong(_ load: ImageLoad, _ client: inout EngineClient) throws(JobFailure) -> String? {
        guard let id = try client.plainID(load.reference) else { return "there is no \(load.reference)" }
        guard id != load.id else { return nil }
        let words = "\(load.reference) is \(id), not \(load.id)"
        let sameKind = id.hasPrefix("sha256:") == load.id.hasPrefix("sha256:")
        guard load.hasForeignID || !sameKind || client.engine.usesContainerdStore else { return words }
        guard id.hasPrefix("sha256:") else {
            return words + "; an engine before 1.10 tells no layers by which it could be compared"
        }
        let layers = client.engine.images[id]?.layers.map(\.diffID)
        return !load.layers.isEmpty && layers == load.layers ? nil : words + "; by its layers it is another image"
    }

    // MARK: Pull

    private mutating func pull(_ source: String, as reference: String, at now: Moment) throws(JobFailure) -> String? {
        guard var client = engineClient(at: now) else {
            throw JobFailure("docker inspect \(source): docker: not found")
        }
        if let id = try client.plainID(source), try client.plainID(reference) == id { return nil }
        let answer = client.engine.command(["pull", source], at: now)
        let words = Self.words(answer.standardOutput + answer.standardError)
        guard answer.status == 0 else { throw JobFailure("docker pull \(source)", words) }
        guard let id = try client.plainID(source) else {
            throw JobFailure("docker pull reported success, yet there is no \(source): \(words)")
        }
        _ = client.engine.command(["tag", "-f", id, reference], at: now)
        engine = client.engine
        return words
    }

    /// The last three lines that say something, as one.
    private static func words(_ text: String) -> String {
        text.split(separator: "\n").suffix(3).map { $0 + " " }.joined()
    }
}

/// Why a job failed.
struct JobFailure: Error {
    var words: String
    init(_ words: String) { self.words = words }

    /// Names a full disk as such.
    init(_ what: String, _ words: String) {
        let isFull = words.lowercased().contains("no space left on device")
        self.words = isFull ? "disk full: \(what): \(words); make room and run again" : "\(what): \(words)"
    }
}

extension EngineClient {
    fileprivate mutating func plainID(_ name: String) throws(JobFailure) -> String? {
        do throws(Unknown) { return try id(name) } catch {
            throw JobFailure(error.why.replacing("docker inspect: ", with: "docker inspect \(name): ") + " ")
        }
    }
}
