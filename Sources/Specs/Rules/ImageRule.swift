/// Every Docker app has an image that is declared or comes from a named registry, and an image is declared once.
enum ImageRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] { undeclared(draft) + repeated(draft) }

    private static func undeclared(_ draft: SpecDraft) -> [Diagnostic] {
        // The agents of somebody else's cluster have what their owners gave them.
        guard !draft.isFaulty("images"), !draft.isAppsOnly else { return [] }
        let declared = DeclaredImages(draft.spec)
        return draft.apps.apps.compactMap { app in
            guard let image = app.engineImage, !image.value.contains("${") else { return nil }
            let name = ImageName(image.value)
            guard name.registry == nil, !declared.cover(name) else { return nil }
            let message = "image `\(image.value.abbreviated)` is not in `images` and names no registry"
            return Diagnostic(.error, message, at: image.position, hint: declared.hint(for: name))
        }
    }

    /// `repo` and `repo:latest` are one image.
    private static func repeated(_ draft: SpecDraft) -> [Diagnostic] {
        var places: [String: SourcePosition] = [:]
        return draft.spec.other.images.compactMap { image in
            let reference = ImageName(image.name.value).reference
            guard let first = places[reference] else {
                places[reference] = image.name.position
                return nil
            }
            let message = "image `\(reference.abbreviated)` is declared at \(first) already"
            return Diagnostic(.error, message, at: image.name.position, hint: "a name without a tag means `:latest`")
        }
    }
}

/// The names in `images`, for looking up.
struct DeclaredImages {
    private let names: [String]
    private let references: Set<String>

    init(_ spec: ClusterSpec) {
        names = spec.other.images.map(\.name.value)
        references = Set(names.map { ImageName($0).reference })
    }

    /// Whether `image` is one of them: other tags of its repository are other images.
    func cover(_ image: ImageName) -> Bool { references.contains(image.reference) }

    /// What to do about `image`, which is none of them.
    func hint(for image: ImageName) -> String {
        let sameRepository = names.first { ImageName($0).repository == image.repository }
        if let sameRepository {
            return "`images` has `\(ImageName(sameRepository).reference)`; add `\(image.reference)`"
        }
        return Suggestion.nearest(to: image.repository, in: names).map { "did you mean `\($0)`?" }
            ?? "add it to `images`, or write the registry before it"
    }
}
