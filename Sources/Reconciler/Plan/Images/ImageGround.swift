internal import Specs

/// What there is on a node to bring an image to.
enum ImageGround {
    /// The node did not answer.
    case silent(String)
    /// An engine that this plan installs or starts: what it holds, if anything, is not seen yet.
    case coming
    case engine(ObservedEngine)
    /// No engine to bring it to.
    case none(Problem)
}

/// How a declared image stands on one node.
enum ImageState {
    /// As the origin has it, or nothing better is known and nothing is moved.
    case there
    /// After this step.
    case coming(key: String)
    case blocked(Blocked)
    /// The node did not answer.
    case unseen(String)
}

extension Planning {
    func imageGround(_ name: NodeName) -> ImageGround {
        guard let node = difference(name) else { return .silent(silenceWords(name)) }
        if case .found(let engine) = node.observed.engine { return .engine(engine) }
        if draft.has(StepKey.engine(name)) { return .coming }
        switch node.observed.engine {
        case .unknown(let reason):
            return .none(Problem(because: "its Docker engine does not answer: \(reason)", isByUnknown: true))
        case .found, .absent: break
        }
        guard node.desired.service(.docker)?.running == true else {
            return .none(
                Problem(
                    because: "it has no Docker engine",
                    isByUnknown: false,
                    remedy: "give it role docker, or take it out of the image's `to`"
                )
            )
        }
        return .none(
            Problem(
                because: node.engineBlock ?? "it has no Docker engine, and this plan starts none",
                isByUnknown: false
            )
        )
    }

    func silenceWords(_ name: NodeName) -> String {
        switch observed.nodes[name] {
        case .silent(let error)?: error.message
        case .answered(let node)?:
            if case .unknown(let reason) = node.platform { reason } else { "it is not declared" }
        case nil: "it was not observed"
        }
    }
}
