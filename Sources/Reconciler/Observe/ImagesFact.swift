internal import Specs

/// The Docker engine with what it holds, where images are declared.
enum ImagesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        node.has(.docker) && !spec.other.images.isEmpty ? [.images] : []
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let said: Observation<ImagesAnswer>? = answers.value(of: .images) { answer in
            if case .images(let images) = answer { images } else { nil }
        }
        switch said {
        case .found(let answer)?:
            do { observed.engine = .found(try ObservedEngine(answer)) } catch {
                observed.engine = .unknown(error.reason)
            }
        case .absent?: observed.engine = .absent
        case .unknown(let reason)?: observed.engine = .unknown(reason)
        case nil: break
        }
    }
}
