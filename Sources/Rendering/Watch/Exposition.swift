/// Metrics in the text format that Prometheus reads, version 0.0.4.
struct Exposition {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, summary
    }

    struct Sample {
        /// After the metric's name: `_sum` and `_count` of a summary.
        var suffix = ""
        var labels: KeyValuePairs<String, String> = [:]
        var value: Int
    }

    private(set) var text = ""

    /// One metric with its samples; nothing at all where there are none.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1, inQuotes: true))\"" }
            text += name + sample.suffix
            if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
            text += " \(sample.value)\n"
        }
    }

    /// A metric of one sample without labels; nothing where the value is not known.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int?) {
        add(name, kind, help, value.map { [Sample(value: $0)] } ?? [])
    }

    mutating func add(_ name: String, _ help: String, _ isTrue: Bool) { add(name, .gauge, help, isTrue ? 1 : 0) }

    /// By scalars: a combining mark after a quote must not hide it.
    private static func escaped(_ text: String, inQuotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where inQuotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
