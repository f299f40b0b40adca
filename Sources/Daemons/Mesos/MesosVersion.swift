/// The releases of Mesos that the models know: 0.21.1, 1.4.3 and 1.11.0; others behave as their neighbours do.
struct MesosVersion: Hashable, Sendable, Codable, Comparable {
    let number: String
    private let parts: [Int]

    init(_ number: String) {
        self.number = number
        parts = number.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
    }

    static func < (a: MesosVersion, b: MesosVersion) -> Bool { a.parts.lexicographicallyPrecedes(b.parts) }

    /// Whether it is that release line or a later one.
    func atLeast(_ major: Int, _ minor: Int) -> Bool { !parts.lexicographicallyPrecedes([major, minor]) }

    /// `slave` became `agent` in what is read by people with 1.0.
    var agentWord: String { atLeast(1, 0) ? "agent" : "slave" }
}

/// The build a release says it is.
struct MesosBuild {
    let date: String
    let time: Int
    let user: String
    let sha: String

    /// 1.4.3 and 1.11.0 from mesos-captures/; the builder of others is not known.
    init(of version: MesosVersion) {
        switch version.number {
        case "1.11.0":
            (date, time, user) = ("2020-11-24 15:38:37", 1_606_232_317, "ubuntu")
            sha = "04bc7ee1984d86fbb0bd782ccc69ce44c13ae4b9"
        case "1.4.3":
            (date, time, user) = ("2019-02-28 16:02:07", 1_551_369_727, "ubuntu")
            sha = "1fee9b5365bf2424e4768dc1d5209c6c78dfece6"
        default:
            (date, time, user, sha) = ("2014-12-19 19:04:05", 1_419_015_845, "root", "")
        }
    }
}
