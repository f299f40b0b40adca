internal import Reconciler
internal import Specs

extension DockerImageCourier {
    /// What one image's origin has.
    func look(
        for image: DesiredImage,
        in engines: [ImageHost: Observation<ObservedEngine>]
    ) async -> SourceLook {
        switch image.origin {
        case .engine(let host):
            return SourceLook(image: await held(host, engines) { $0.image(image.reference) })
        case .tar(let path):
            do {
                guard let opened = try await tar(local(path)), let found = try opened.image(image.reference) else {
                    return SourceLook(image: .absent)
                }
                return SourceLook(image: .found(found))
            } catch {
                return SourceLook(image: .unknown(masked(error).message))
            }
        case .build(let directory, let host):
            do throws(CourierError) {
                let context = try BuildContext.read(local(directory)).digest
                let found = await held(host, engines) { engine in
                    engine.image(image.reference).flatMap { $0.context == context ? $0 : nil }
                }
                return SourceLook(image: found, context: context)
            } catch {
                return SourceLook(image: .unknown(masked(error).message))
            }
        case .registry:
            return SourceLook(image: await pulled(image))
        }
    }

    /// An image that nodes pull: only its registry is asked.
    private func pulled(_ image: DesiredImage) async -> Observation<SourceImage> {
        guard let registry else { return .unknown("\(image.reference): no way to registries was given") }
        let question = RegistryQuestion(transport: registry, insecure: options.insecureRegistries)
        return await question.look(for: image.reference, architecture: image.architecture)
    }

    private func held(
        _ host: ImageHost,
        _ engines: [ImageHost: Observation<ObservedEngine>],
        _ pick: (ObservedEngine) -> HeldImage?
    ) async -> Observation<SourceImage> {
        switch engines[host] {
        case .found(let engine):
            guard let held = pick(engine) else { return .absent }
            return .found(await source(held, in: engine, on: host))
        case .absent: return .unknown("\(host): there is no Docker engine; install it there, or say where else it is")
        case .unknown(let reason): return .unknown(reason)
        case nil: return .unknown("\(host): it was not asked")
        }
    }

    func source(_ held: HeldImage, in engine: ObservedEngine, on host: ImageHost) async -> SourceImage {
        let sizes = await layerSizes(held, on: host)
        return SourceImage(
            id: held.id,
            layers: held.layers.enumerated().map { SourceImage.Layer(diffID: $1, bytes: sizes?[$0]) },
            bytes: held.bytes,
            architecture: held.architecture ?? engine.architecture,
            engineVersion: engine.version,
            usesContainerdStore: engine.usesContainerdStore
        )
    }

    /// From the lowest layer up; nil where history and layers cannot be matched.
    private func layerSizes(_ held: HeldImage, on host: ImageHost) async -> [Int]? {
        guard !held.layers.isEmpty, let place = try? place(of: host) else { return nil }
        let call = ShellCall("docker", ["history", "--no-trunc", "--human=false", "--format", "{{.Size}}", held.id])
        guard let ended = try? await shell.ask([call], of: nil, at: place), ended.exitCode == 0 else { return nil }
        return Self.layerSizes(ended.value, layers: held.layers.count)
    }

    /// `docker history` has an entry for every instruction, newest first; those that made no layer are empty.
    static func layerSizes(_ history: [UInt8], layers: Int) -> [Int]? {
        let lines = String(decoding: history, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let sizes = lines.compactMap { Int($0.hasSuffix("B") ? $0.dropLast() : $0) }
        let filled = sizes.filter { $0 > 0 }
        guard sizes.count == lines.count, filled.count == layers else { return nil }
        return filled.reversed()
    }

    /// - Returns: nil where there is no such file.
    func tar(_ path: String) async throws(CourierError) -> TarImage? { try await TarImage.read(path, shell: shell) }
}
