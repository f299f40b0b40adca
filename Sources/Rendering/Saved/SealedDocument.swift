internal import FoundationEssentials
internal import Reconciler

/// A document that this program reads back: whoever edits it breaks its seal.
///
/// The seal is the SHA-256 of the whole text with zeros in the seal's own place. It guards against mistakes and half-written
/// files, not against somebody who computes it anew: who may write the file decides what is applied.
struct SealedDocument<Body: Codable & Sendable>: Codable {
    var formatVersion = documentFormatVersion
    var type: String
    var seal = SealedText.blank
    var body: Body
}

/// Why a sealed document is not read.
public struct SealedDocumentError: Error, Hashable, Sendable {
    public var message: String
    /// Made by this program and changed since, or of another version: a refusal, not a fault.
    public var isRefusal: Bool

    init(_ message: String, isRefusal: Bool = false) {
        self.message = message
        self.isRefusal = isRefusal
    }
}

enum SealedText {
    static let blank = "sha256:" + String(repeating: "0", count: 64)
    private static let key = "\"seal\" : \""

    static func text(_ body: some Codable & Sendable, type: String) -> String {
        let open = json(SealedDocument(type: type, body: body))
        return open.replacingOnly(key + blank, with: key + "sha256:" + sha256(open)) ?? open
    }

    static func body<Body: Codable & Sendable>(
        _: Body.Type,
        of text: String,
        type: String
    ) throws(SealedDocumentError) -> Body {
        let head: Head
        do { head = try JSONDecoder().decode(Head.self, from: Data(text.utf8)) } catch {
            throw SealedDocumentError("this is no \(type) that reconciler wrote, or not the whole of it")
        }
        guard head.type == type else { throw SealedDocumentError("this is a \(head.type), not a \(type)") }
        guard head.formatVersion == documentFormatVersion else {
            let words = "format \(head.formatVersion), and this version reads format \(documentFormatVersion)"
            throw SealedDocumentError("the \(type) is of \(words); make it again", isRefusal: true)
        }
        guard let open = text.replacingOnly(key + head.seal, with: key + blank), "sha256:" + sha256(open) == head.seal
        else {
            throw SealedDocumentError("the \(type) was edited after it was written; make it again", isRefusal: true)
        }
        do { return try JSONDecoder().decode(SealedDocument<Body>.self, from: Data(text.utf8)).body } catch {
            throw SealedDocumentError(
                "the \(type) cannot be read: another version wrote it; make it again",
                isRefusal: true
            )
        }
    }

    private struct Head: Decodable {
        var formatVersion: Int
        var type: String
        var seal: String
    }
}

extension String {
    /// nil where `part` does not stand there exactly once.
    fileprivate func replacingOnly(_ part: String, with other: String) -> String? {
        let (text, part) = (Array(utf8), Array(part.utf8))
        guard let first = text.firstPlace(of: part, from: 0), text.firstPlace(of: part, from: first + 1) == nil else {
            return nil
        }
        return String(decoding: text[..<first] + Array(other.utf8) + text[(first + part.count)...], as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate func firstPlace(of part: [UInt8], from start: Int) -> Int? {
        guard !part.isEmpty, count >= part.count, start <= count - part.count else { return nil }
        return (start...(count - part.count)).first { index in
            self[index] == part[0] && self[index..<index + part.count].elementsEqual(part)
        }
    }
}
