import Testing

@testable import Daemons

@Suite struct JSONShapeTests {
    @Test(arguments: [
        (#"{"a":1,"b":[{"c":"x"}]}"#, #"{"b":[{"c":"y"},{"c":"z"}],"a":2}"#, []),
        (#"{"a":1}"#, #"{"a":1.0}"#, ["a: whole number for number"]),
        (#"{"a":{"b":1}}"#, #"{"a":{"c":1}}"#, ["a.b: not in the original", "a.c: missing"]),
        (#"{"a":[]}"#, #"{"a":[1]}"#, ["a: 0 elements for 1"]),
        (#"{"a":[{"b":1}]}"#, #"{"a":[{}]}"#, ["a[].b: not in the original"]),
        (#"{"x":1}"#, "{}", []), (#"{"y":{"z":1}}"#, #"{"y":{}}"#, []),
    ])
    func `shapes differ by keys and kinds`(actual: String, expected: String, differences: [String]) throws {
        let shape = JSONShape(exceptions: ["x", "y.*"])
        let found = shape.differences(try JSON(parsing: actual), from: try JSON(parsing: expected))
        #expect(found == differences)
    }
}
