extension Mesos {
    /// The value of a resource or an attribute.
    public enum Value: Hashable, Sendable, Codable {
        case scalar(Double)
        case ranges([ClosedRange<Int>])
        case set([String])
        case text(String)
    }

    /// One kind of resource in one role; `cpus`, `mem` and `disk` (megabytes) are scalars, `ports` are ranges.
    public struct Resource: Hashable, Sendable, Codable {
        public var name: String
        /// `*` when it is not reserved.
        public var role: String
        public var value: Value

        public init(_ name: String, _ value: Value, role: String = "*") {
            self.name = name
            self.role = role
            self.value = value
        }
    }

    public struct Attribute: Hashable, Sendable, Codable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Resources that can be added and taken away from each other, in a stable order.
    public struct Resources: Hashable, Sendable, Codable {
        public private(set) var items: [Resource] = []

        public init(_ items: [Resource] = []) { for item in items { add(item) } }

        public init(cpus: Double = 0, mem: Double = 0, disk: Double = 0, ports: [ClosedRange<Int>] = []) {
            for (name, amount) in [("cpus", cpus), ("mem", mem), ("disk", disk)] where amount > 0 {
                items.append(Resource(name, .scalar(amount)))
            }
            if !ports.isEmpty { items.append(Resource("ports", .ranges(Self.union(ports, [])))) }
        }

        public var isEmpty: Bool { items.isEmpty }
        public var cpus: Double { scalar("cpus") }
        public var mem: Double { scalar("mem") }
        public var disk: Double { scalar("disk") }
        public var gpus: Double { scalar("gpus") }
        public var ports: [ClosedRange<Int>] { ranges("ports") }

        /// The sum over all roles.
        public func scalar(_ name: String) -> Double {
            var sum = 0.0
            for item in items where item.name == name {
                if case .scalar(let amount) = item.value { sum += amount }
            }
            return Self.thousandths(sum)
        }

        /// The union over all roles.
        public func ranges(_ name: String) -> [ClosedRange<Int>] {
            var all: [ClosedRange<Int>] = []
            for item in items where item.name == name {
                if case .ranges(let ranges) = item.value { all = all.isEmpty ? ranges : Self.union(all, ranges) }
            }
            return all
        }

        /// What a framework of that role may use: the unreserved and what is reserved for it.
        public func usable(by role: String) -> Resources {
            var part = Resources()
            part.items = items.filter { $0.role == "*" || $0.role == role }
            return part
        }

        public static func + (a: Resources, b: Resources) -> Resources {
            var sum = a
            sum += b
            return sum
        }

        public static func += (a: inout Resources, b: Resources) { for item in b.items { a.add(item) } }

        /// Takes away what is there; nothing becomes negative.
        public static func -= (a: inout Resources, b: Resources) { for item in b.items { a.remove(item) } }

        public static func - (a: Resources, b: Resources) -> Resources {
            var rest = a
            rest -= b
            return rest
        }

        /// Whether everything of `other` is in here, role by role.
        public func contains(_ other: Resources) -> Bool {
            other.items.allSatisfy { wanted in
                guard let mine = items.first(where: { $0.name == wanted.name && $0.role == wanted.role }) else {
                    return false
                }
                switch (mine.value, wanted.value) {
                case (.scalar(let have), .scalar(let want)): return have + 0.0005 > want
                case (.ranges(let have), .ranges(let want)): return Self.difference(want, have).isEmpty
                case (.set(let have), .set(let want)): return want.allSatisfy(have.contains)
                case (.text(let have), .text(let want)): return have == want
                default: return false
                }
            }
        }

        private mutating func add(_ item: Resource) {
            guard let index = items.firstIndex(where: { $0.name == item.name && $0.role == item.role }) else {
                if case .scalar(let amount) = item.value, amount <= 0 { return }
                var item = item
                if case .ranges(let ranges) = item.value { item.value = .ranges(Self.union(ranges, [])) }
                items.append(item)
                return
            }
            switch (items[index].value, item.value) {
            case (.scalar(let a), .scalar(let b)): items[index].value = .scalar(Self.thousandths(a + b))
            case (.ranges(let a), .ranges(let b)): items[index].value = .ranges(Self.union(a, b))
            case (.set(let a), .set(let b)): items[index].value = .set(a + b.filter { !a.contains($0) })
            default: break
            }
        }

        private mutating func remove(_ item: Resource) {
            guard let index = items.firstIndex(where: { $0.name == item.name && $0.role == item.role }) else { return }
            switch (items[index].value, item.value) {
            case (.scalar(let a), .scalar(let b)):
                let rest = Self.thousandths(a - b)
                if rest <= 0 { items.remove(at: index) } else { items[index].value = .scalar(rest) }
            case (.ranges(let a), .ranges(let b)):
                let rest = Self.difference(a, b)
                if rest.isEmpty { items.remove(at: index) } else { items[index].value = .ranges(rest) }
            case (.set(let a), .set(let b)):
                let rest = a.filter { !b.contains($0) }
                if rest.isEmpty { items.remove(at: index) } else { items[index].value = .set(rest) }
            default: break
            }
        }

        /// Mesos counts scalars in thousandths (src/common/values.cpp).
        private static func thousandths(_ amount: Double) -> Double { (amount * 1000).rounded() / 1000 }

        /// Sorted, with neighbours coalesced.
        static func union(_ a: [ClosedRange<Int>], _ b: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
            var result: [ClosedRange<Int>] = []
            for range in (a + b).sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                    result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
                } else {
                    result.append(range)
                }
            }
            return result
        }

        static func difference(_ a: [ClosedRange<Int>], _ b: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
            var rest = a
            for hole in b {
                rest = rest.flatMap { range -> [ClosedRange<Int>] in
                    guard range.overlaps(hole) else { return [range] }
                    var parts: [ClosedRange<Int>] = []
                    if range.lowerBound < hole.lowerBound { parts.append(range.lowerBound...hole.lowerBound - 1) }
                    if hole.upperBound < range.upperBound { parts.append(hole.upperBound + 1...range.upperBound) }
                    return parts
                }
            }
            return rest
        }
    }
}

extension Mesos.Value {
    /// Protobuf's form: `type` and a member of that name (mesos.proto, `Value`).
    var fields: [(String, JSON)] {
        switch self {
        case .scalar(let amount): [("type", "SCALAR"), ("scalar", ["value": .number(amount)])]
        case .ranges(let ranges):
            [
                ("type", "RANGES"),
                (
                    "ranges",
                    [
                        "range": .array(
                            ranges.map { ["begin": .integer($0.lowerBound), "end": .integer($0.upperBound)] }
                        )
                    ]
                ),
            ]
        case .set(let items): [("type", "SET"), ("set", ["item": .array(items.map(JSON.string))])]
        case .text(let text): [("type", "TEXT"), ("text", ["value": .string(text)])]
        }
    }

    init?(_ json: JSON) {
        if let amount = json["scalar"]?["value"]?.double {
            self = .scalar(amount)
        } else if let text = json["text"]?["value"]?.string {
            self = .text(text)
        } else if let set = json["set"] {
            self = .set(set["item"]?.array?.compactMap(\.string) ?? [])
        } else if let ranges = json["ranges"] {
            self = .ranges(
                ranges.list("range") {
                    guard let begin = $0["begin"]?.int, let end = $0["end"]?.int, begin <= end else { return nil }
                    return begin...end
                }
            )
        } else {
            return nil
        }
    }
}

extension Mesos.Resource {
    /// Protobuf's form, as in `unreserved_resources_full` (mesos-captures/).
    public var json: JSON {
        var object: JSONObject = ["name": .string(name)]
        for (key, value) in value.fields { object[key] = value }
        object["role"] = .string(role)
        return .object(object)
    }

    public init?(_ json: JSON) {
        guard let name = json["name"]?.string, let value = Mesos.Value(json) else { return nil }
        self.init(name, value, role: json["role"]?.string ?? "*")
    }
}

extension Mesos.Attribute {
    public var json: JSON {
        var object: JSONObject = ["name": .string(name)]
        for (key, value) in value.fields { object[key] = value }
        return .object(object)
    }

    public init?(_ json: JSON) {
        guard let name = json["name"]?.string, let value = Mesos.Value(json) else { return nil }
        self.init(name, value)
    }
}

extension Mesos.Resources {
    public var json: JSON { .array(items.map(\.json)) }

    public init(_ json: JSON?) { self.init((json?.array ?? []).compactMap { Mesos.Resource($0) }) }
}
