import Testing

@testable import Daemons

@Suite struct JSONTests {
    @Test(arguments: [
        #"{"b":1,"a":[1.5,-2,true,null,"x\/y\n\u00e9\ud83d\ude00"]}"#, "[]", "{}", "0", "-0.5", #""""#,
    ])
    func `a text keeps its order and its numbers when it is read and written`(text: String) throws {
        let value = try JSON(parsing: text)
        #expect(try JSON(parsing: value.text) == value)
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\"}", "01", "1 2", "\"\n\"", "tru", "\"\\x\"", "nul"])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONFault.self) { try JSON(parsing: text) }
    }

    @Test func `the last of two equal keys wins`() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    }

    @Test func `times are written as Marathon writes them and read back`() {
        let moment = Moment(milliseconds: 1_409_038_670_462)
        #expect(moment.iso8601 == "2014-08-26T07:37:50.462Z")
        #expect(Moment(iso8601: moment.iso8601) == moment)
        #expect(Moment(iso8601: "2016-02-29T00:00:00Z")?.iso8601 == "2016-02-29T00:00:00.000Z")
    }
}

@Suite struct SeededNumbersTests {
    @Test func `streams of different seeds share no numbers, and one seed gives one stream`() {
        func draw(_ seed: UInt64) -> Set<UInt64> {
            var numbers = SeededNumbers(seed, for: "runs")
            return Set((0..<1000).map { _ in numbers.next() })
        }
        #expect(draw(3) == draw(3))
        for seed: UInt64 in 1...20 {
            for other in (seed + 1)...21 { #expect(draw(seed).isDisjoint(with: draw(other)), "\(seed) and \(other)") }
        }
    }
}
