internal import Reconciler

/// What the script that opens an origin said.
enum SourceAnswer: Hashable {
    struct Opened: Hashable {
        /// The private directory on the origin's machine.
        var place: String
        /// Sizes by path, links followed.
        var sizes: [String: Int]
        /// manifest.json, or `repositories` of an old engine; empty where there is none.
        var manifest: [UInt8]
    }

    case opened(Opened)
    /// Docker's or tar's own words.
    case failed(kind: String, words: String)
    case cutOff

    init(_ bytes: [UInt8]) {
        var opened = Opened(place: "", sizes: [:], manifest: [])
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "fail":
                self = .failed(kind: words.count > 1 ? words[1] : "", words: words.count > 2 ? words[2] : "no words")
                return
            case "place": opened.place = String(line.dropFirst("place ".count))
            case "file":
                guard words.count == 3, let size = Int(words[1]) else { break }
                opened.sizes[TarIndex.plain(words[2])] = size
            case "manifest":
                guard words.count == 2, let count = Int(words[1]), 0...rest.count ~= count else {
                    self = .cutOff
                    return
                }
                opened.manifest = Array(rest.prefix(count))
                rest = rest.dropFirst(count)
            case "done":
                self = .opened(opened)
                return
            default: break
            }
        }
        self = .cutOff
    }
}

/// Docker's own words for why there is nothing (mesos-zk-ops.md 7).
enum DockerWords {
    static func kind(_ words: String) -> CourierError.Kind {
        let signs: [(CourierError.Kind, [String])] = [
            (.absent, ["reference does not exist", "No such image", "no such id", "does not have a tag"]),
            (
                .engineDown,
                [
                    "Cannot connect to the Docker daemon", "Is the docker daemon running", "docker: not found",
                    "docker: command not found",
                ]
            ),
            (.permission, ["ermission denied"]),
            (.diskFull, ["no space left on device", "No space left on device", "quota exceeded"]),
        ]
        return signs.first { sign in sign.1.contains { words.contains($0) } }?.0 ?? .other
    }

    static func move(_ kind: CourierError.Kind) -> String {
        switch kind {
        case .absent: "build or load it there, or say where else it comes from"
        case .engineDown: "start Docker there"
        case .permission: "give the user the group `docker` there, or `become: sudo`"
        case .diskFull: "make room there"
        case .unreachable, .feeder, .moved, .damaged, .buildFailed, .cancelled, .other: "see what Docker says there"
        }
    }
}
