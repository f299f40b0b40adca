internal import Reconciler
internal import Specs

extension PlanBasis {
    /// What was looked at, in place of `6 nodes observed`; nil where that is the cluster itself.
    var sightWords: String? {
        switch sight {
        case .live: nil
        case .snapshot(let file, _, let age): "as seen \(ageWords(age)) ago in \(visible(file)); nothing was asked now"
        case .applied: "no node was asked: planned on the cluster as it would be with the base applied"
        }
    }

    var baseWords: String? {
        base.map { base in
            let name = base.name == base.commit ? base.name : "\(base.name) (\(base.commit))"
            return "compared with \(visible(name)): git is this change, drift was there before it"
        }
    }

    /// Sentences below the title.
    var lines: [String] {
        var lines = [baseWords].compactMap(\.self)
        if case .snapshot(_, _, let age) = sight, isOld {
            lines.append("what was seen is \(ageWords(age)) old: the cluster may have moved since")
        }
        return lines + unseen.map { oneLine($0) }
    }
}

/// `40 s`, `12 min`, `3 h`, `2 days`.
func ageWords(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(max(seconds, 0)) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86400) days"
    }
}

extension PlanDocument {
    /// What a plan stands on where that is not only the cluster as it is now.
    public struct Basis: Hashable, Sendable, Encodable {
        /// `live`, `snapshot`, or `base-applied`: nobody looked, and the base is taken as applied.
        public var observation: String
        /// Seconds since 1970; of a snapshot.
        public var observedAt: Int?
        public var ageSeconds: Int?
        public var base: String?
        public var baseCommit: String?
        public var unseen: [String]

        init(_ basis: PlanBasis) {
            switch basis.sight {
            case .live: observation = "live"
            case .snapshot(_, let at, let age): (observation, observedAt, ageSeconds) = ("snapshot", at, age)
            case .applied: observation = "base-applied"
            }
            (base, baseCommit) = (basis.base?.name, basis.base?.commit)
            unseen = basis.unseen
        }
    }
}
