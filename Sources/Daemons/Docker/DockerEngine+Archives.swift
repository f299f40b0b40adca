/// `docker save`, `load`, `import`.
extension DockerEngine {
    /// What `docker save NAME…` puts into a tar; nil where one of the names is unknown.
    ///
    /// A repository without a tag stands for all its tags, an id for an image without any (mesos-zk-ops.md 7).
    public func save(_ names: [String]) -> DockerArchive? {
        var entries: [DockerArchive.Entry] = []
        func add(_ id: String, _ tag: String?) {
            guard let image = images[id] else { return }
            let index = entries.firstIndex { $0.image.id == id }
            if let index, let tag, !entries[index].tags.contains(tag) {
                entries[index].tags = (entries[index].tags + [tag]).sorted()
            } else if index == nil {
                entries.append(.init(image: image, tags: tag.map { [$0] } ?? []))
            }
        }
        for name in names {
            let parts = DockerReference.parts(name)
            let all = tags.keys.filter { parts.tag == nil && DockerReference.parts($0).name == parts.name }.sorted()
            if !all.isEmpty {
                for tag in all { if let id = tags[tag] { add(id, tag) } }
            } else if parts.tag != nil, let id = tags[DockerReference.tagged(name)] {
                add(id, DockerReference.tagged(name))
            } else if let id = imageID(name) {
                add(id, nil)
            } else {
                return nil
            }
        }
        return DockerArchive(entries: entries, hasManifest: version.isContentAddressed)
    }

    /// `docker load` of a file that could be opened; idempotent, and a tag that points elsewhere is moved.
    public mutating func load(_ file: DockerFile) -> DockerAnswer {
        let broken = "Error processing tar file(exit status 1): unexpected EOF"
        guard case .archive(let archive, let isTruncated) = file else {
            guard file == .empty else { return failure(broken) }
            let scratch = numbers.next() % 1_000_000_000
            return failure("open /var/lib/docker/tmp/docker-import-\(scratch)/repositories: no such file or directory")
        }
        if isTruncated { return failure(broken) }
        // The tar is unpacked beside what becomes of it.
        if let freeBytes, archive.bytes > freeBytes / 2 {
            let layer = archive.entries.first?.image.layerDirectories.last ?? ""
            return failure(
                "Error processing tar file(exit status 1): write /\(layer)/layer.tar: no space left on device"
            )
        }
        if let failure = missingLayer(archive) { return failure }
        var lines: [String] = []
        for entry in archive.entries {
            let image = adopted(entry.image, from: archive)
            images[image.id] = images[image.id] ?? image
            for tag in entry.tags {
                if let old = tags[tag], old != image.id, version.isContentAddressed {
                    lines.append(
                        "The image \(tag) already exists, renaming the old one with ID \(old) to empty string"
                    )
                }
                tags[tag] = image.id
                lines.append("Loaded image: \(tag)")
            }
            if entry.tags.isEmpty { lines.append("Loaded image ID: \(image.id)") }
        }
        // Daemons before 1.10 say nothing.
        return version.isContentAddressed ? .lines(lines) : DockerAnswer()
    }

    /// The image as a daemon of this era knows it: across 1.10 ids are others.
    private func adopted(_ image: DockerImage, from archive: DockerArchive) -> DockerImage {
        var image = image
        if version.isContentAddressed {
            image.id = id(of: image)
        } else if archive.hasManifest {
            image.id = image.layerDirectories.last ?? image.id
        }
        return image
    }

    /// What is said of a layer that is neither in the archive nor here; nil where nothing lacks.
    ///
    /// The classic store from 1.10 on looks a layer up by its chain before it reads it from the archive; earlier engines
    /// and containerd read all of them. containerd's words are from memory.
    private mutating func missingLayer(_ archive: DockerArchive) -> DockerAnswer? {
        guard let leftOut = archive.leftOut, !leftOut.isEmpty else { return nil }
        let looksUp = version.isContentAddressed && !usesContainerdStore
        let held = looksUp ? Set(images.values.flatMap(\.layerDirectories)) : []
        for entry in archive.entries {
            for (directory, layer) in zip(entry.image.layerDirectories, entry.image.layers)
            where leftOut.contains(layer.diffID) && !held.contains(directory) {
                if usesContainerdStore { return failure("layer \"\(directory)/layer.tar\" not found") }
                return failure(
                    "open /var/lib/docker/tmp/docker-import-\(numbers.next() % 1_000_000_000)/\(directory)/layer.tar: "
                        + "no such file or directory"
                )
            }
        }
        return nil
    }

    /// `docker import`.
    mutating func importTar(_ file: DockerFile, as reference: String?, at now: Moment) -> DockerAnswer {
        let content: (String, Int)
        switch file {
        case .fileSystem(let text, let bytes): content = (text, bytes)
        case .archive(let archive, _): content = (archive.manifest, archive.bytes)
        case .empty: content = ("", 0)
        case .garbage:
            return failure("Error response from daemon: archive/tar: invalid tar header")
        }
        let untagged = "<none>:<none>"
        let id = build(
            reference ?? untagged,
            content: content.0,
            bytes: content.1,
            comment: "Imported from -",
            at: now
        )
        if reference == nil { tags[untagged] = nil }
        return .lines([id])
    }
}
