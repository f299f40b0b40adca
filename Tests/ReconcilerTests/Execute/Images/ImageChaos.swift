import Specs
import Synchronization

@testable import Reconciler

/// Random images on random nodes, and faults on every way until it is calmed.
final class ImageChaos: Sendable {
    private struct State {
        var isCalm = false
        var numbers: SeededNumbers
        var violations: [String] = []
    }

    private let state: Mutex<State>
    private let lab: ImageLab
    private let nodes: [NodeName]
    private let held: [String: SourceImage]
    private let refusing: Set<NodeName>
    private let failing: Int

    init(_ numbers: inout SeededNumbers) {
        let nodes = Lab.nodes(Int.random(in: 1...7, using: &numbers))
        let layers = ["a", "b", "c", "d", "e"]
        var wanted: [ImageLab.Wanted] = []
        for index in 1...Int.random(in: 1...3, using: &numbers) {
            let own = layers.prefix(Int.random(in: 1...4, using: &numbers)) + ["own-\(index)"]
            wanted.append(
                ImageLab.Wanted(
                    reference: "image\(index):1",
                    image: ImageLab.image("id\(index)", Array(own)),
                    nodes: nodes.filter { _ in Int.random(in: 0..<4, using: &numbers) > 0 },
                    app: ("/app\(index)", nodes[0])
                )
            )
        }
        lab = ImageLab(
            wanted: wanted,
            transfer: DesiredTransfer(
                parallel: Int.random(in: 1...5, using: &numbers),
                isTree: Bool.random(using: &numbers)
            ),
            prunes: Bool.random(using: &numbers)
        )
        held = ["image1:1": ImageLab.image("before", ["a", "b", "z"])]
        refusing = Set(nodes.filter { _ in Int.random(in: 0..<6, using: &numbers) == 0 })
        failing = [0, 2, 10][Int.random(in: 0..<3, using: &numbers)]
        self.nodes = nodes
        state = Mutex(State(numbers: SeededNumbers(numbers.next())))
    }

    var violations: [String] { state.withLock { $0.violations } }

    func calm() { state.withLock { $0.isCalm = true } }

    func world(_ seed: UInt64) -> ExecuteWorld {
        let world = ExecuteWorld(
            ImageLab.nodes(nodes, holding: held),
            seed: seed,
            time: SimulatedTime(seed: seed),
            fault: { [self] visit, world in
                checkApps(visit, world)
                guard !visit.isLease, draw() else { return nil }
                // Clearing is tried once more at the end; a node that stays away is left to its janitor.
                let isClearing = visit.actions.contains { if case .image(.clear) = $0 { true } else { false } }
                if isClearing { return nil }
                return state.withLock { state in
                    Bool.random(using: &state.numbers)
                        ? .drop(after: Int.random(in: 0...1, using: &state.numbers)) : .unreachable
                }
            }
        )
        world.change { state in
            for node in refusing { state.nodes[node]?.engine?.refusesPartial = true }
        }
        return world
    }

    func scene(_ seed: UInt64) -> ImageRunTests.Scene {
        let world = world(seed)
        let courier = SimulatedCourier(
            world,
            origin: Dictionary(lab.wanted.map { ($0.reference, $0.image) }) { first, _ in first },
            bytesPerSecond: 1_000_000,
            fault: { [self] call in
                guard draw() else { return nil }
                let kinds: [CourierError.Kind] =
                    call.feeder == nil ? [.unreachable, .damaged, .engineDown] : [.feeder, .feeder, .unreachable]
                return state.withLock { state in
                    kinds.randomElement(using: &state.numbers).map { CourierError($0, "chance") }
                }
            }
        )
        return ImageRunTests.Scene(world: world, courier: courier, lab: lab)
    }

    private func draw() -> Bool {
        state.withLock { !$0.isCalm && Int.random(in: 0..<100, using: &$0.numbers) < failing }
    }

    private func checkApps(_ visit: ExecuteWorld.Visit, _ world: ExecuteWorld.State) {
        for wanted in lab.wanted {
            guard let app = wanted.app, visit.writes(app.path) else { continue }
            for node in wanted.nodes {
                let image = world.nodes[node]?.engine?.images[wanted.image.id]
                if image?.names.contains(wanted.reference) != true {
                    state.withLock { $0.violations.append("\(app.path) was put before \(node) had its image") }
                }
            }
        }
    }
}

extension SimulatedTime {
    /// Detached jobs that nobody collects come to their end, too.
    func advanceJobs(in world: ExecuteWorld) {
        world.change { state in
            for (name, node) in state.nodes {
                for (key, job) in node.jobs where job.image != nil && !job.isDone {
                    state.nodes[name]?.jobs[key]?.isDone = true
                    if let act = job.image { _ = state.end(act, on: name) }
                }
            }
        }
    }
}
