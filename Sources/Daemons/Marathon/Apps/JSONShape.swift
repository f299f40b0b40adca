/// What a reader found wrong with a value: where (`/healthChecks(0)/portIndex`) and Play JSON's code for it.
struct ShapeFault {
    var path: String
    /// nil where Play reports a failed filter without words.
    var code: String?
    /// Parameters of the rule, which releases up to 0.8 print.
    var arguments: [String] = []
    /// An exception that ends reading at once.
    var thrown: MarathonFault?
}

/// A reader of one kind of value, as Play JSON's `Reads`: it notes what is wrong and goes on.
struct Shape<Value> {
    let read: (JSON, String, inout [ShapeFault]) -> Value?

    init(_ read: @escaping (JSON, String, inout [ShapeFault]) -> Value?) { self.read = read }

    /// A value that is there, or the code of what is wrong with it.
    init(_ code: String, _ value: @escaping (JSON) -> Value?) {
        self.init { json, path, faults in
            guard let value = value(json) else {
                faults.append(ShapeFault(path: path, code: code))
                return nil
            }
            return value
        }
    }

    /// The same where `rule` holds, else the fault with that code.
    func checked(_ code: String?, _ arguments: [String] = [], _ rule: @escaping (Value) -> Bool) -> Shape {
        Shape { json, path, faults in
            guard let value = self.read(json, path, &faults) else { return nil }
            guard rule(value) else {
                faults.append(ShapeFault(path: path, code: code, arguments: arguments))
                return nil
            }
            return value
        }
    }

    func map<Other>(_ transform: @escaping (Value) -> Other) -> Shape<Other> {
        Shape<Other> { json, path, faults in self.read(json, path, &faults).map(transform) }
    }
}

extension Shape where Value == String {
    static var string: Shape { Shape("error.expected.jsstring", \.string) }

    static func string(minimum length: Int) -> Shape {
        string.checked("error.minLength", ["\(length)"]) { $0.unicodeScalars.count >= length }
    }

    /// One of the names; `code` makes the fault of another text.
    static func name(of names: [String], _ code: @escaping (String) -> String) -> Shape {
        Shape { json, path, faults in
            guard let text = string.read(json, path, &faults) else { return nil }
            guard names.contains(text) else {
                faults.append(ShapeFault(path: path, code: code(text)))
                return nil
            }
            return text
        }
    }

    /// One of an enumeration of the RAML types (from 1.5).
    static func literal(_ names: [String]) -> Shape { name(of: names) { _ in "error.unknown.enum.literal" } }
}

extension Shape where Value == Int {
    static var int: Shape {
        Shape { json, path, faults in
            if let value = json.int, Int(Int32.min)...Int(Int32.max) ~= value { return value }
            let code = json.double == nil ? "error.expected.jsnumber" : "error.expected.int"
            faults.append(ShapeFault(path: path, code: code))
            return nil
        }
    }

    static var long: Shape {
        Shape { json, path, faults in
            if let value = json.int { return value }
            let code = json.double == nil ? "error.expected.jsnumber" : "error.expected.long"
            faults.append(ShapeFault(path: path, code: code))
            return nil
        }
    }

    static func int(_ range: ClosedRange<Int>) -> Shape {
        int.checked("error.min", ["\(range.lowerBound)"]) { $0 >= range.lowerBound }
            .checked("error.max", ["\(range.upperBound)"]) { $0 <= range.upperBound }
    }

    /// A port or 0.
    static var anyPort: Shape { int(0...65_535) }
}

extension Shape where Value == Double {
    static var number: Shape { Shape("error.expected.jsnumber", \.double) }

    static func number(minimum: Double, maximum: Double = .infinity) -> Shape {
        number.checked("error.min", ["\(minimum)"]) { $0 >= minimum }
            .checked("error.max", ["\(maximum)"]) { $0 <= maximum }
    }
}

extension Shape where Value == Bool {
    static var bool: Shape { Shape("error.expected.jsboolean", \.bool) }
}

extension Shape where Value == JSON {
    /// An object that is kept as it is.
    static var object: Shape { Shape("error.expected.jsobject") { $0.object.map(JSON.object) } }
}

extension Shape where Value == [MarathonApp.Label] {
    static var labels: Shape {
        Shape<[(key: String, value: String)]>.map(of: .string).map { members in
            members.map { MarathonApp.Label($0.key, $0.value) }
        }
    }
}

extension Shape {
    static func array<Element>(_ element: Shape<Element>) -> Shape where Value == [Element] {
        Shape { json, path, faults in
            guard let values = json.array else {
                faults.append(ShapeFault(path: path, code: "error.expected.jsarray"))
                return nil
            }
            var result: [Element] = []
            result.reserveCapacity(values.count)
            for (index, value) in values.enumerated() {
                if let value = element.read(value, "\(path)(\(index))", &faults) { result.append(value) }
            }
            return result.count == values.count ? result : nil
        }
    }

    /// A set: what comes again is left out.
    static func set<Element: Hashable>(_ element: Shape<Element>) -> Shape where Value == [Element] {
        array(element).map { values in
            var seen: Set<Element> = []
            return values.filter { seen.insert($0).inserted }
        }
    }

    static func map<Element>(of element: Shape<Element>) -> Shape where Value == [(key: String, value: Element)] {
        Shape { json, path, faults in
            guard let object = json.object else {
                faults.append(ShapeFault(path: path, code: "error.expected.jsobject"))
                return nil
            }
            var result: [(key: String, value: Element)] = []
            for member in object.members {
                if let value = element.read(member.value, "\(path)/\(member.key)", &faults) {
                    result.append((member.key, value))
                }
            }
            return result.count == object.members.count ? result : nil
        }
    }
}

/// Reads the members of an object one by one; null counts as absent, and unknown members are ignored.
struct ShapeReader {
    private let object: JSONObject?
    let path: String
    var faults: [ShapeFault] = []

    init(_ json: JSON, path: String = "") {
        object = json.object
        self.path = path
    }

    mutating func optional<Value>(_ key: String, _ shape: Shape<Value>) -> Value? {
        guard let value = object?[key], !value.isNull else { return nil }
        return shape.read(value, "\(path)/\(key)", &faults)
    }

    mutating func required<Value>(_ key: String, _ shape: Shape<Value>) -> Value? {
        guard let value = object?[key] else {
            faults.append(ShapeFault(path: "\(path)/\(key)", code: "error.path.missing"))
            return nil
        }
        return shape.read(value, "\(path)/\(key)", &faults)
    }

    /// Notes what is wrong with the object as a whole.
    mutating func fail(_ code: String?, at key: String? = nil) {
        faults.append(ShapeFault(path: path + (key.map { "/" + $0 } ?? ""), code: code))
    }

    /// Ends the reading as an exception does.
    mutating func fail(_ thrown: MarathonFault) { faults.append(ShapeFault(path: path, thrown: thrown)) }

    /// - Throws: What the release answers to the faults, if there are any.
    func finish(_ version: MarathonVersion) throws(MarathonFault) {
        if let thrown = faults.lazy.compactMap(\.thrown).first { throw thrown }
        if !faults.isEmpty { throw MarathonFault.wrongShape(version, faults) }
    }
}
