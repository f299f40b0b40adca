/// What a script printed, read strictly: whole, or an error; never an answer made of a part.
struct Transcript: Hashable {
    var answers: [ScriptAnswer]

    /// Reads all of a script's standard output, with whatever a profile printed before the start marker.
    ///
    /// - Throws: `TranscriptFault` where any part of it is missing.
    init(_ bytes: [UInt8], nonce: String) throws(TranscriptFault) {
        let marker = Array("\nreconciler \(nonce) begin\n".utf8)
        guard let start = bytes.firstRange(of: marker)?.upperBound else {
            throw .notBegun(noise: String(decoding: bytes.prefix(300), as: UTF8.self))
        }
        var cursor = ByteCursor(bytes, at: start)
        answers = []
        while true {
            let line = try cursor.line()
            let words = line.split(separator: " ")
            if words.count == 4, words[0] == "A", words[1] == String(answers.count), let status = Int(words[2]),
                let length = Int(words[3]), length >= 0
            {
                let text = try cursor.bytes(length)
                try cursor.newline()
                answers.append(ScriptAnswer(status: status, text: text))
            } else if line == "reconciler \(nonce) end \(answers.count)" {
                return
            } else {
                throw .malformed(String(line.prefix(100)))
            }
        }
    }
}

enum TranscriptFault: Error, Hashable {
    /// No start marker: the shell never got to the script.
    case notBegun(noise: String)
    /// It ends before the end marker.
    case cutOff
    case malformed(String)
}

/// One record: fields, and the kind it ended with.
struct ScriptAnswer: Hashable {
    struct Field: Hashable {
        var name: String
        var value: [UInt8]
        var text: String { String(decoding: value, as: UTF8.self) }
    }

    /// Exit status of the function.
    var status: Int
    var fields: [Field]
    /// nil: the function ended before it had concluded.
    var kind: String?

    init(status: Int, text: [UInt8]) {
        self.status = status
        fields = []
        kind = nil
        var cursor = ByteCursor(text, at: 0)
        while let field = cursor.field() { fields.append(field) }
        let last = Array("K ".utf8)
        let rest = cursor.rest
        guard rest.starts(with: last), !rest.contains(UInt8(ascii: "\n")) else { return }
        kind = String(decoding: rest.dropFirst(last.count), as: UTF8.self)
    }

    /// The first field of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.text }
}

private struct ByteCursor {
    let all: [UInt8]
    var position: Int

    init(_ all: [UInt8], at position: Int) {
        self.all = all
        self.position = position
    }

    var rest: ArraySlice<UInt8> { all[position...] }

    mutating func line() throws(TranscriptFault) -> String {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw .cutOff }
        defer { position = end + 1 }
        return String(decoding: all[position..<end], as: UTF8.self)
    }

    mutating func bytes(_ count: Int) throws(TranscriptFault) -> [UInt8] {
        guard count <= all.count - position else { throw .cutOff }
        defer { position += count }
        return Array(all[position..<position + count])
    }

    mutating func newline() throws(TranscriptFault) {
        guard position < all.count else { throw .cutOff }
        guard all[position] == UInt8(ascii: "\n") else { throw .malformed("a record is longer than it says") }
        position += 1
    }

    /// `F NAME LENGTH`, newline, value, newline; nil where none such stands here.
    mutating func field() -> ScriptAnswer.Field? {
        var ahead = self
        guard let words = try? ahead.line().split(separator: " "), words.count == 3, words[0] == "F",
            let length = Int(words[2]), length >= 0, let value = try? ahead.bytes(length),
            (try? ahead.newline()) != nil
        else { return nil }
        self = ahead
        return ScriptAnswer.Field(name: String(words[1]), value: value)
    }
}
