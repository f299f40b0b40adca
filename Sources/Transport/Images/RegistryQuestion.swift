internal import FoundationEssentials
internal import Reconciler
internal import Specs

/// What a registry says of an image (docs.docker.com, registry API V2; OCI distribution-spec 1.1).
struct RegistryQuestion: Sendable {
    var transport: any HTTPTransport
    /// Registries that speak http.
    var insecure: Set<String>

    /// An image's name as a registry knows it.
    struct Name: Hashable {
        /// `host` or `host:port`.
        var registry: String
        var repository: String
        /// A tag or `sha256:…`.
        var version: String

        /// - Returns: nil where `reference` names no registry.
        init?(_ reference: String) {
            let image = ImageName(reference)
            guard let registry = image.registry else { return nil }
            self.registry = registry
            repository = String(image.repository.dropFirst(registry.count + 1))
            version = image.digest ?? image.tag ?? "latest"
        }
    }

    private struct Manifest: Decodable {
        struct Item: Decodable {
            struct Platform: Decodable { var architecture: String?, os: String? }
            var digest: String
            var size: Int?
            var platform: Platform?
        }
        var config: Item?
        var layers: [Item]?
        var manifests: [Item]?
    }

    private static let accepted = [
        "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json",
    ].joined(separator: ", ")

    func look(for reference: String, architecture: String?) async -> Observation<SourceImage> {
        guard let name = Name(reference) else {
            return .unknown("\(reference): it begins with no registry, such as `registry.example:5000/`")
        }
        do throws(RegistryFault) {
            return .found(try await image(name, architecture: architecture))
        } catch {
            switch error {
            case .absent: return .absent
            case .words(let words): return .unknown("\(name.registry): \(words)")
            }
        }
    }

    private enum RegistryFault: Error {
        case absent
        case words(String)
    }

    private func image(_ name: Name, architecture: String?) async throws(RegistryFault) -> SourceImage {
        var answer = try await get("/v2/\(name.repository)/manifests/\(name.version)", name, accept: Self.accepted)
        var manifest: Manifest = try read(answer)
        // What is pulled is the list: every engine takes from it what it can run.
        let digest = answer.header("Docker-Content-Digest") ?? "sha256:" + sha256(bytes: answer.body)
        if let items = manifest.manifests {
            let runnable = items.filter { $0.platform?.os ?? "linux" == "linux" }
            guard let item = runnable.first(where: { $0.platform?.architecture == architecture ?? "amd64" }) else {
                throw .words("\(name.repository) is not there for \(architecture ?? "amd64")")
            }
            answer = try await get("/v2/\(name.repository)/manifests/\(item.digest)", name, accept: Self.accepted)
            manifest = try read(answer)
        }
        guard let config = manifest.config, isDigest(config.digest) else {
            throw .words("the manifest of \(name.repository) is of an old kind, without a configuration; push it again")
        }
        let blob = try await get("/v2/\(name.repository)/blobs/\(config.digest)", name, accept: "*/*")
        guard let shape = ImageConfig(blob.body), shape.id == config.digest else {
            throw .words("the configuration of \(name.repository) is not what its digest says; push it again")
        }
        return SourceImage(
            id: config.digest,
            layers: shape.diffIDs.map { SourceImage.Layer(diffID: $0) },
            bytes: (manifest.layers ?? []).reduce(0) { $0 + ($1.size ?? 0) },
            architecture: shape.architecture,
            digest: digest
        )
    }

    private func read(_ answer: RESTAnswer) throws(RegistryFault) -> Manifest {
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(answer.body)) else {
            throw .words("its manifest is no JSON that is known here")
        }
        return manifest
    }

    private func get(_ path: String, _ name: Name, accept: String) async throws(RegistryFault) -> RESTAnswer {
        let answer: RESTAnswer
        do {
            let request = RESTRequest(.get, path, headers: [("Accept", accept)])
            answer = try await transport.send(request, to: endpoint(name.registry))
        } catch {
            throw .words(error.message)
        }
        switch answer.status {
        case 200: return answer
        case 404: throw .absent
        case 401, 403: throw .words("it wants a login (\(answer.status)), which is not supported; open it for reading")
        default: throw .words("it answered \(answer.status) to \(path)")
        }
    }

    func endpoint(_ registry: String) -> RESTEndpoint {
        let parts = registry.split(separator: ":", maxSplits: 1).map(String.init)
        let host = parts.first ?? registry
        let isPlain =
            host == "localhost" || host.hasPrefix("127.") || insecure.contains(registry) || insecure.contains(host)
        let port = parts.count > 1 ? Int(parts[1]) : nil
        return RESTEndpoint(isPlain ? .http : .https, host: host, port: port ?? (isPlain ? 80 : 443))
    }
}
