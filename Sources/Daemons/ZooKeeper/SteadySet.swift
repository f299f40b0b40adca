/// A set whose encoded form is sorted, so that equal worlds have equal texts.
struct SteadySet<Element: Hashable & Comparable & Codable & Sendable>: Sendable, Codable {
    private var elements: Set<Element> = []

    init() {}

    init(from decoder: any Decoder) throws {
        elements = Set(try decoder.singleValueContainer().decode([Element].self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(sorted())
    }

    var count: Int { elements.count }

    mutating func insert(_ element: Element) { elements.insert(element) }
    mutating func remove(_ element: Element) { elements.remove(element) }
    func sorted() -> [Element] { elements.sorted() }
}
