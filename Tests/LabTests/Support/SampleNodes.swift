import Daemons
import Reconciler
import Specs

@testable import Lab

extension Moment {
    static let sample = Moment(milliseconds: 1_416_000_000_000)
}

extension RunID {
    static let sample = RunID("run-1")
}

extension LabNode {
    /// A bare node with its candidates of `packages`, none of whose services was started; nil where one is not known.
    static func sample(_ platform: LabPlatform, installing packages: [String] = []) -> LabNode? {
        var node = LabNode(
            name: "node1",
            address: "10.16.40.1",
            hosts: ["node1": ["10.16.40.1"], "node2": ["10.16.40.2"]],
            platform: platform,
            catalogue: .standard(platform),
            seed: 7,
            at: .sample
        )
        for package in packages where !node.install(package, startsServices: false, at: .sample) { return nil }
        return node
    }

    func service(_ name: ServiceName) -> ServiceAnswer? {
        if case .service(let answer)? = answer(.service(name), at: .sample) { answer } else { nil }
    }

    func text(_ path: String) -> String? {
        if case .file(let file)? = answer(.file(path: path), at: .sample) { file.content } else { nil }
    }

    mutating func act(_ act: ServiceAct, at now: Moment = .sample) -> ActionResult {
        perform(.service(act), run: .sample, at: now)
    }
}

extension ActionResult {
    var isDone: Bool { if case .done = self { true } else { false } }
    var isPending: Bool { self == .pending }
    /// The words of a failure or a conflict.
    var trouble: String? {
        switch self {
        case .failed(let reason): reason
        case .conflict(let found): found
        case .done, .alreadyInPlace, .pending: nil
        }
    }
}
