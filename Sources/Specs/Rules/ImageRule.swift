/// Every Docker app has an image that is declared or comes from a named registry, and images go to nodes that exist.
enum ImageRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] { undeclared(draft) + targets(draft) }

    private static func undeclared(_ draft: SpecDraft) -> [Diagnostic] {
        // The agents of somebody else's cluster have what their owners gave them.
        guard !draft.isFaulty("images"), !draft.spec.isAppsOnly else { return [] }
        let declared = DeclaredImages(draft.spec)
        return draft.apps.apps.compactMap { app in
            guard let container = app.container, container.usesDocker, let image = container.image,
                !image.value.contains("${")
            else { return nil }
            let name = ImageName(image.value)
            guard name.registry == nil, !declared.cover(name) else { return nil }
            let message = "image `\(image.value.abbreviated)` is not in `images` and names no registry"
            let near = Suggestion.nearest(to: name.repository, in: declared.names).map { "did you mean `\($0)`?" }
            let hint = "add it to `images`, or write the registry before it"
            return Diagnostic(.error, message, at: image.position, hint: near ?? hint)
        }
    }

    private static func targets(_ draft: SpecDraft) -> [Diagnostic] {
        let names = draft.spec.nodes.map(\.name.value.text)
        let known = Set(names)
        return draft.spec.other.images.flatMap { image -> [Diagnostic] in
            guard case .nodes(let nodes) = image.to?.value else { return [] }
            return nodes.filter { !known.contains($0.value.text) && !draft.isFaulty("nodes.\($0.value)") }.map {
                node in
                let hint = Suggestion.hint(for: node.value.text, in: names + ["agents", "derived"])
                return Diagnostic(
                    .error,
                    "unknown node `\(node.value.text.abbreviated)`",
                    at: node.position,
                    hint: hint
                )
            }
        }
    }
}

/// The names in `images`, for looking up.
struct DeclaredImages {
    let names: [String]
    private let written: Set<String>
    private let images: Set<ImageName>

    init(_ spec: ClusterSpec) {
        names = spec.other.images.map(\.name.value)
        written = Set(names)
        images = Set(names.map { ImageName($0) })
    }

    /// Whether `image` is one of them: the same, or of a repository that is named without a tag.
    func cover(_ image: ImageName) -> Bool { images.contains(image) || written.contains(image.repository) }
}
