/// Reads Prometheus' text format 0.0.4 and says what is wrong with it; written from the format's description and the naming
/// rules, and shares nothing with what writes it.
struct ExpositionLint {
    struct Sample {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    private(set) var faults: [String] = []
    private(set) var samples: [Sample] = []
    private(set) var types: [String: String] = [:]
    private var helps: Set<String> = []
    private var series: Set<String> = []
    /// Metrics whose lines have ended.
    private var closed: Set<String> = []
    private var current: String?

    init(_ text: String) {
        if text.isEmpty || text.unicodeScalars.last != "\n" { faults.append("does not end with a line feed") }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for (index, line) in lines.enumerated() {
            if let fault = read(String(String.UnicodeScalarView(line))) { faults.append("line \(index + 1): \(fault)") }
        }
        for name in types.keys where !helps.contains(name) { faults.append("\(name) has no HELP") }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private mutating func read(_ line: String) -> String? {
        if line.hasPrefix("# HELP ") { return readHelp(line.dropFirst(7)) }
        if line.hasPrefix("# TYPE ") { return readType(line.dropFirst(7)) }
        if line.isEmpty || line.hasPrefix("#") { return "neither HELP, TYPE nor a sample" }
        return readSample(line)
    }

    private mutating func enter(_ name: String) -> String? {
        guard current != name else { return nil }
        if let current { closed.insert(current) }
        current = name
        return closed.contains(name) ? "\(name) is not in one piece" : nil
    }

    private mutating func readHelp(_ rest: Substring) -> String? {
        let parts = rest.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, !parts[1].isEmpty else { return "HELP without words" }
        let name = String(parts[0])
        guard helps.insert(name).inserted else { return "a second HELP of \(name)" }
        var escapes = parts[1].unicodeScalars.makeIterator()
        while let scalar = escapes.next() {
            if scalar == "\\", let next = escapes.next(), next != "\\", next != "n" { return "HELP with \\\(next)" }
        }
        return enter(name)
    }

    private mutating func readType(_ rest: Substring) -> String? {
        let parts = rest.split(separator: " ")
        guard parts.count == 2 else { return "TYPE without a type" }
        let (name, type) = (String(parts[0]), String(parts[1]))
        guard ["counter", "gauge", "histogram", "summary", "untyped"].contains(type) else { return "no type: \(type)" }
        guard types.updateValue(type, forKey: name) == nil else { return "a second TYPE of \(name)" }
        return enter(name) ?? Self.misnamed(name, type)
    }

    private static func misnamed(_ name: String, _ type: String) -> String? {
        guard isName(name, colons: true) else { return "\(name) is no name" }
        guard name.hasPrefix("reconciler_") else { return "\(name) does not say whose it is" }
        guard (type == "counter") == name.hasSuffix("_total") else { return "\(name) is a \(type)" }
        let reserved = ["_sum", "_count", "_bucket"]
        if reserved.contains(where: name.hasSuffix) { return "\(name) ends as a part of another metric does" }
        let words = name.split(separator: "_")
        let units = ["ms", "milliseconds", "minutes", "hours", "days", "kb", "mb", "percent", type[...]]
        return words.first { units.contains($0) }.map { "\(name): \($0) is no base unit, or its type" }
    }

    private mutating func readSample(_ line: String) -> String? {
        var rest = Substring(line)
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        guard Self.isName(name, colons: true) else { return "\(name) is no name" }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            guard let read = Self.labels(&rest) else { return "labels cannot be read" }
            for (key, value) in read {
                guard labels.updateValue(value, forKey: key) == nil else { return "label \(key) twice" }
            }
        }
        let words = rest.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].isEmpty, let value = Double(words[1]) else { return "no value" }
        let metric = [name] + ["_sum", "_count"].filter(name.hasSuffix).map { String(name.dropLast($0.count)) }
        guard let owner = metric.first(where: { types[$0] != nil }) else { return "\(name) has no TYPE before it" }
        if owner != name, types[owner] != "summary" { return "\(name) is no part of a \(types[owner] ?? "")" }
        if types[owner] == "counter" || owner != name, value < 0 { return "\(name) is negative" }
        let identity = name + labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
        guard series.insert(identity).inserted else { return "\(identity) twice" }
        samples.append(Sample(name: name, labels: labels, value: value))
        return enter(owner)
    }

    private static func labels(_ rest: inout Substring) -> [(String, String)]? {
        var scalars = Array(rest.unicodeScalars.dropFirst())[...]
        var labels: [(String, String)] = []
        while let first = scalars.first, first != "}" {
            let name = scalars.prefix { $0 != "=" }
            scalars = scalars.dropFirst(name.count + 1)
            guard isName(String(String.UnicodeScalarView(name)), colons: false), scalars.popFirst() == "\"" else {
                return nil
            }
            var value = String.UnicodeScalarView()
            while let scalar = scalars.popFirst(), scalar != "\"" {
                guard scalar == "\\" else {
                    value.append(scalar)
                    continue
                }
                switch scalars.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                default: return nil
                }
            }
            labels.append((String(String.UnicodeScalarView(name)), String(value)))
            guard scalars.first == "," else { break }
            scalars = scalars.dropFirst()
        }
        guard scalars.popFirst() == "}" else { return nil }
        rest = Substring(String(String.UnicodeScalarView(scalars)))
        return labels
    }

    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "_" || colons && scalar == ":"
        }
    }
}
