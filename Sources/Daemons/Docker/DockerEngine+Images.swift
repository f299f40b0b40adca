/// `docker tag`, `rmi`, `images`, `inspect`.
extension DockerEngine {
    /// Before 1.10 a tag is moved by force only.
    mutating func tag(_ source: String, _ target: String, force: Bool = false) -> DockerAnswer {
        guard let id = imageID(source) else {
            return failure("Error response from daemon: No such image: \(DockerReference.tagged(source))")
        }
        let name = DockerReference.tagged(target)
        if let held = tags[name], held != id, !force, !version.isContentAddressed {
            return failure(
                "Error response from daemon: Conflict: Tag \(DockerReference.parts(name).tag ?? "") is already set to image "
                    + "\(held), if you want to replace it, please use -f option"
            )
        }
        tags[name] = id
        return DockerAnswer()
    }

    mutating func removeImages(_ names: [String], force: Bool) -> DockerAnswer {
        var answer = DockerAnswer()
        for name in names { answer.add(removeImage(name, force: force)) }
        return answer
    }

    private mutating func removeImage(_ name: String, force: Bool) -> DockerAnswer {
        guard let id = imageID(name) else { return failure("Error: No such image: \(name)") }
        let names = tags(of: id)
        let tag = tags[DockerReference.tagged(name)] == nil ? nil : DockerReference.tagged(name)
        if let tag, names.count > 1 {
            tags[tag] = nil
            return .lines(["Untagged: \(tag)"])
        }
        if let user = containers.first(where: { $0.imageID == id && ($0.isRunning || !force) }) {
            return failure("Error response from daemon: " + conflict(name, id, isTag: tag != nil, user))
        }
        if tag == nil, names.count > 1, !force {
            return failure(
                "Error response from daemon: conflict: unable to delete \(Self.short(id)) (must be forced) - image is "
                    + "referenced in multiple repositories"
            )
        }
        for name in names { tags[name] = nil }
        let image = images.removeValue(forKey: id)
        let kept = Set(images.values.flatMap(\.layerDirectories))
        let layers = (image?.layerDirectories ?? []).reversed().filter { !kept.contains($0) }
        let deleted = version.isContentAddressed ? [id] + layers.map { "sha256:\($0)" } : [id]
        return .lines(names.map { "Untagged: \($0)" } + deleted.map { "Deleted: \($0)" })
    }

    private func conflict(_ name: String, _ id: String, isTag: Bool, _ user: DockerContainer) -> String {
        let container = Self.short(user.id)
        if isTag {
            return
                "conflict: unable to remove repository reference \"\(name)\" (must force) - container \(container) is "
                + "using its referenced image \(Self.short(id))"
        }
        let kind = user.isRunning ? "running container" : "stopped container"
        let means = user.isRunning ? "cannot be forced" : "must be forced"
        return "conflict: unable to delete \(Self.short(id)) (\(means)) - image is being used by \(kind) \(container)"
    }

    /// Rows of `docker images`, the newest first: repository, tag, image.
    private func rows() -> [(repository: String, tag: String, image: DockerImage)] {
        var rows: [(repository: String, tag: String, image: DockerImage)] = []
        for image in images.values.sorted(by: { ($1.created, $0.id) < ($0.created, $1.id) }) {
            let names = tags(of: image.id)
            for name in names.reversed() {
                let parts = DockerReference.parts(name)
                rows.append((parts.name, parts.tag ?? "latest", image))
            }
            if names.isEmpty { rows.append(("<none>", "<none>", image)) }
        }
        return rows
    }

    func listImages(_ options: DockerOptions, at now: Moment) -> DockerAnswer {
        let filter = options.value("-f", "--filter")
        if let filter, !["dangling=true", "dangling=false"].contains(filter) {
            let name = filter.prefix { $0 != "=" }
            return failure("Error response from daemon: Invalid filter '\(name)'")
        }
        let rows = rows().filter { row in
            if let filter, (filter == "dangling=true") != (row.repository == "<none>") { return false }
            guard let wanted = options.rest.first else { return true }
            let parts = DockerReference.parts(wanted)
            return parts.name == row.repository && (parts.tag ?? row.tag) == row.tag
        }
        let isWhole = options.has("--no-trunc")
        func id(_ image: DockerImage) -> String { isWhole ? image.id : Self.short(image.id) }
        if options.has("-q", "--quiet") {
            var seen: Set<String> = []
            return .lines(rows.map { id($0.image) }.filter { seen.insert($0).inserted })
        }
        if let format = options.value("--format") {
            return .lines(
                rows.map { row in
                    DockerTemplate.render(format) {
                        switch $0 {
                        case ".Repository": row.repository
                        case ".Tag": row.tag
                        case ".ID": id(row.image)
                        case ".Digest": "<none>"
                        case ".Size": DockerText.size(row.image.bytes, version)
                        case ".CreatedSince": DockerText.age(now - row.image.created) + " ago"
                        default: nil
                        }
                    } ?? ""
                }
            )
        }
        let withDigests = options.has("--digests")
        var table = [["REPOSITORY", "TAG"] + (withDigests ? ["DIGEST"] : []) + ["IMAGE ID", "CREATED"]]
        table[0].append(version.isContentAddressed ? "SIZE" : "VIRTUAL SIZE")
        for row in rows {
            table.append(
                [row.repository, row.tag] + (withDigests ? ["<none>"] : [])
                    + [id(row.image), DockerText.age(now - row.image.created) + " ago"]
                    + [DockerText.size(row.image.bytes, version)]
            )
        }
        return .lines(DockerText.table(table, version))
    }

    /// `docker images --tree` of before 1.7.
    func imageTree() -> DockerAnswer {
        let warning = "Warning: '--tree' is deprecated, it will be removed soon. See usage."
        let lines = images.values.sorted { ($0.created, $0.id) < ($1.created, $1.id) }.map { image in
            let names = tags(of: image.id)
            let tags = names.isEmpty ? "" : " Tags: \(names.joined(separator: ", "))"
            return "└─\(Self.short(image.id)) Virtual Size: \(DockerText.size(image.bytes, version))\(tags)"
        }
        return .lines([warning] + lines)
    }

    /// `docker image inspect`, and `docker inspect` where `anything` also means containers.
    func inspect(_ options: DockerOptions, anything: Bool) -> DockerAnswer {
        let format = options.value("-f", "--format")
        var answer = DockerAnswer()
        var documents: [JSON] = []
        for name in options.rest {
            if let id = imageID(name), let image = images[id] {
                documents.append(document(image))
            } else if anything, let container = container(name) {
                documents.append(document(container))
            } else {
                let kind = anything ? version.hasManagementCommands ? "object" : "image or container" : "image"
                answer.add(failure("Error: No such \(kind): \(name)"))
            }
        }
        guard let format else {
            answer.standardOutput = documents.isEmpty ? "[]\n" : JSON.array(documents).text + "\n"
            return answer
        }
        for document in documents {
            guard let text = DockerTemplate.render(format, { DockerTemplate.value($0, in: document) }) else {
                return DockerAnswer(standardError: "Template parsing error: template: :1: \(format)\n", status: 64)
            }
            answer.standardOutput += text + "\n"
        }
        if documents.isEmpty { answer.standardOutput = "\n" }
        return answer
    }

    /// Names are told from 1.9 on, layers from 1.10 on; the parent of an image that was not built here is not known.
    private func document(_ image: DockerImage) -> JSON {
        var document: JSONObject = ["Id": .string(image.id)]
        if version.tellsNames {
            document["RepoTags"] = .array(tags(of: image.id).map { .string($0) })
            document["RepoDigests"] = .array([])
        }
        let parent = version.isContentAddressed ? nil : image.layerDirectories.dropLast().last
        document["Parent"] = .string(parent ?? "")
        document["Comment"] = .string(image.comment)
        document["Created"] = .string(image.created.iso8601)
        document["DockerVersion"] = .string(version.text)
        document["Config"] = image.config
        document["Architecture"] = .string(image.architecture)
        document["Os"] = "linux"
        document["Size"] = .integer(version.isContentAddressed ? image.bytes : image.layers.last?.bytes ?? 0)
        document["VirtualSize"] = .integer(image.bytes)
        if version.isContentAddressed {
            let layers = image.layers.map { JSON.string($0.diffID) }
            document["RootFS"] = ["Type": "layers", "Layers": .array(layers)]
        }
        return .object(document)
    }

    private func document(_ container: DockerContainer) -> JSON {
        var code = 0
        if case .exited(let status, _) = container.state { code = status }
        return [
            "Id": .string(container.id), "Created": .string(container.created.iso8601),
            "State": [
                "Status": .string(container.stateName), "Running": .bool(container.isRunning),
                "ExitCode": .integer(code),
            ],
            "Image": .string(container.imageID), "Name": .string("/\(container.name)"),
            "Config": ["Image": .string(container.image)],
            "HostConfig": ["NetworkMode": .string(container.run.network.lowercased())],
        ]
    }
}
