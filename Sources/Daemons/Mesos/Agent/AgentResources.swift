/// `--resources` and `--attributes`, and what an agent finds on its machine where they say nothing.
///
/// Sources: mesos 0.21.1 and 1.11.0, src/slave/containerizer/containerizer.cpp (`resources`), src/common/{values,attributes,
/// resources}.cpp.
enum AgentResources {
    struct Fault: Error, Equatable {
        let message: String
    }

    static let defaultPorts = 31_000...32_000

    /// What is given, with `cpus`, `mem`, `disk` and `ports` added where they are missing: a machine of 2 GB or more keeps
    /// 1 GB of memory for itself, a disk of 10 GB or more 5 GB, smaller ones a half.
    static func all(_ text: String, role: String, host: HostFacts) throws(Fault) -> Mesos.Resources {
        var items = try parse(text, role: role)
        func add(_ name: String, _ value: @autoclosure () -> Mesos.Value) {
            if !items.contains(where: { $0.name == name }) { items.append(Mesos.Resource(name, value(), role: role)) }
        }
        let (memory, disk) = (host.memoryMegabytes, host.diskMegabytes)
        add("cpus", .scalar(Double(host.cpus)))
        add("mem", .scalar(Double(memory >= 2048 ? memory - 1024 : memory / 2)))
        add("disk", .scalar(Double(disk >= 10_240 ? disk - 5120 : disk / 2)))
        add("ports", .ranges([defaultPorts]))
        return Mesos.Resources(items)
    }

    static func parse(_ text: String, role: String) throws(Fault) -> [Mesos.Resource] {
        if text.drop(while: \.isWhitespace).hasPrefix("[") { return try parse(json: text, role: role) }
        var items: [Mesos.Resource] = []
        for token in tokens(text) {
            let parts = token.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Fault(message: "Bad value for resources, missing or extra ':' in \(token)")
            }
            let (name, itsRole) = try nameAndRole(String(parts[0]), default: role)
            let value = try value(String(parts[1]))
            if case .text(let word) = value {
                throw Fault(message: "Bad type for resource \(name) value \(word) type TEXT")
            }
            items.append(Mesos.Resource(name, value, role: itsRole))
        }
        return items
    }

    private static func parse(json text: String, role: String) throws(Fault) -> [Mesos.Resource] {
        let json: JSON
        do throws(JSONFault) { json = try JSON(parsing: text) } catch {
            throw Fault(message: "Error parsing JSON: \(error.message)")
        }
        return (json.array ?? []).compactMap { entry in
            guard var resource = Mesos.Resource(entry) else { return nil }
            if entry["role"] == nil { resource.role = role }
            return resource
        }
    }

    private static func nameAndRole(_ text: String, default role: String) throws(Fault) -> (String, String) {
        guard let open = text.firstIndex(of: "(") else { return (text, role) }
        guard text.hasSuffix(")"), text.index(after: open) < text.index(before: text.endIndex) else {
            throw Fault(message: "Bad value for resources, mismatched parentheses in \(text)")
        }
        return (String(text[..<open]), String(text[text.index(after: open)...].dropLast()))
    }

    static func attributes(_ text: String) throws(Fault) -> [Mesos.Attribute] {
        var attributes: [Mesos.Attribute] = []
        for token in tokens(text) {
            let parts = token.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw Fault(message: "Invalid attribute key:value pair '\(token)'")
            }
            attributes.append(Mesos.Attribute(String(parts[0]), try value(String(parts[1]))))
        }
        return attributes
    }

    private static func tokens(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == ";" || $0.isNewline }).map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// A number, `[1-2,5-6]`, `{a,b}`, or text.
    static func value(_ text: String) throws(Fault) -> Mesos.Value {
        let text = text.filter { !$0.isWhitespace }
        if text.hasPrefix("[") {
            guard text.hasSuffix("]") else { throw Fault(message: "Failed to parse value \(text)") }
            var ranges: [ClosedRange<Int>] = []
            for part in text.dropFirst().dropLast().split(separator: ",") {
                let ends = part.split(separator: "-").compactMap { Int($0) }
                guard ends.count == 2, ends[0] <= ends[1] else {
                    throw Fault(message: "Expecting one or more \"ranges\"")
                }
                ranges.append(ends[0]...ends[1])
            }
            return .ranges(Mesos.Resources.union(ranges, []))
        }
        if text.hasPrefix("{") {
            guard text.hasSuffix("}") else { throw Fault(message: "Failed to parse value \(text)") }
            return .set(text.dropFirst().dropLast().split(separator: ",").map(String.init))
        }
        if text.contains(where: \.isNumber), let number = Double(text), number.isFinite { return .scalar(number) }
        guard !text.isEmpty else { throw Fault(message: "Expecting non-empty string") }
        return .text(text)
    }
}
