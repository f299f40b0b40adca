/// An image comes from one place, and that place can give it by the name that is wanted (mesos-zk-ops.md 7).
enum ImageOriginRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.other.images.flatMap { image -> [Diagnostic] in
            guard !draft.isFaulty("images.\(image.name.value)") else { return [] }
            let faults = [conflict(image), registryFault(image), digestFault(image), hostFault(image, draft)]
            return faults.compactMap { $0 }
        }
    }

    private static func conflict(_ image: ImageSpec) -> Diagnostic? {
        let name = "`images.\(image.name.value.abbreviated)`"
        guard let tar = image.tar else { return nil }
        if let build = image.build {
            let place = max(tar.position, build.position)
            return Diagnostic(.error, "\(name) has both `build` and `tar`", at: place, hint: "leave one out")
        }
        guard let from = image.from else { return nil }
        let place = max(tar.position, from.position)
        let hint = "a tar is a file beside cluster.yaml, and no host is asked"
        return Diagnostic(.error, "\(name) has both `tar` and `from`", at: place, hint: hint)
    }

    private static func registryFault(_ image: ImageSpec) -> Diagnostic? {
        guard let via = image.via, via.value == .registry else { return nil }
        let others: [(key: String, place: SourcePosition?)] = [
            ("from", image.from?.position), ("build", image.build?.position), ("tar", image.tar?.position),
        ]
        if let other = others.first(where: { $0.place != nil }) {
            let message = "`via: registry` pulls the image, and `\(other.key)` would bring it"
            let place = max(via.position, other.place ?? via.position)
            return Diagnostic(.error, message, at: place, hint: "leave one out")
        }
        guard ImageName(image.name.value).registry == nil else { return nil }
        let message = "`via: registry`, but `\(image.name.value.abbreviated)` names no registry"
        let hint = "write it before the name, such as registry.example.org/\(image.name.value.abbreviated)"
        return Diagnostic(.error, message, at: via.position, hint: hint)
    }

    /// What was loaded has no digest of a registry's (mesos-zk-ops.md 7): it could never be found by that name.
    private static func digestFault(_ image: ImageSpec) -> Diagnostic? {
        guard ImageName(image.name.value).digest != nil, image.via?.value != .registry else { return nil }
        let message = "`\(image.name.value.abbreviated)` names a digest, which only a registry gives an image"
        return Diagnostic(.error, message, at: image.name.position, hint: "add `via: registry`, or name it by a tag")
    }

    private static func hostFault(_ image: ImageSpec, _ draft: SpecDraft) -> Diagnostic? {
        guard let from = image.from, !draft.hasFaultyRoles, let node = draft.spec.node(NodeName(from.value)),
            !node.has(.docker)
        else { return nil }
        let message = "node `\(from.value)` has no Docker engine that an image could come from"
        return Diagnostic(.error, message, at: from.position, hint: "give it the role `docker`")
    }
}
