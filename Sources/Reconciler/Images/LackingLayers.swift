internal import Specs

/// What of an image has to be sent to an engine.
///
/// The classic store from 1.10 on looks a layer up by its chain: it has one only where it has all below it in the same
/// order. Other engines are sent everything.
struct LackingLayers: Hashable {
    /// Diff ids, each once; nil for the whole image.
    var lacking: [String]?
    /// Unpacked; nil where layers' sizes are not known.
    var bytes: Int?

    /// Nobody could look yet, or nothing of it is there.
    init(whole image: SourceImage) {
        lacking = nil
        bytes = image.bytes > 0 ? image.bytes : nil
    }

    init(_ image: SourceImage, on engine: ObservedEngine) {
        let depth = engine.images.map { image.commonDepth(with: $0) }.max() ?? 0
        self.init(whole: image)
        guard engine.idKind == .configuration, depth > 0 else { return }
        var seen: Set<String> = []
        let rest = image.layers.dropFirst(depth).filter { seen.insert($0.diffID).inserted }
        lacking = rest.map(\.diffID)
        bytes = rest.allSatisfy { $0.bytes != nil } ? rest.reduce(0) { $0 + ($1.bytes ?? 0) } : nil
    }
}

extension SourceImage {
    /// How many layers, from the lowest up, are those of `held`.
    fileprivate func commonDepth(with held: HeldImage) -> Int {
        zip(layers, held.layers).prefix { $0.diffID == $1 }.count
    }
}
