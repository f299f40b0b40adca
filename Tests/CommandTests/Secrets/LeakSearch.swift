import FoundationEssentials
import Reconciler
import Specs

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Finds values in a text in whatever form they may have got there: as they are, cut, in base64 at any offset, percent-encoded,
/// escaped for JSON, and as digests.
///
/// All values begin and end with the same mark, so that one pass finds any of them, and a part of one as well.
struct LeakSearch: Sendable {
    let mark: String
    private let needles: [String]
    private let digests: [String: String]

    init(mark: String, values: [String]) {
        self.mark = mark
        let reversed = String(mark.reversed())
        let marks = [mark, reversed]
        needles =
            marks + marks.flatMap { Self.base64($0) } + marks.map { Self.base16($0) }
            + marks.map { $0.unicodeScalars.map { "\\u00\(String($0.value, radix: 16))" }.joined() }
            + marks.map { $0.utf8.map { "%\(String($0, radix: 16, uppercase: true))" }.joined() }
        let digested = values.flatMap { value in [value, value + "\n"].map { (sha256($0), value) } }
        digests = Dictionary(digested) { first, _ in first }
    }

    /// Such as `in the log: …2 words around the place…`, at most three a text.
    func leaks(in text: String, of place: String) -> [String] {
        leaks(in: Array(text.utf8), of: place)
    }

    func leaks(in bytes: [UInt8], of place: String) -> [String] {
        var found: [String] = []
        for needle in needles {
            for offset in Self.places(of: Array(needle.utf8), in: bytes).prefix(6) {
                let around = bytes[max(0, offset - 120)..<min(bytes.count, offset + 60)]
                found.append("\(place): …\(String(decoding: around, as: UTF8.self))…")
            }
        }
        for (digest, value) in digests where !Self.places(of: Array(digest.utf8), in: bytes).isEmpty {
            found.append("\(place): the SHA-256 of \(value)")
        }
        return found
    }

    // MARK: Forms

    /// The part of base64 that is the same whatever stands before and after `text`, for each of the three offsets.
    private static func base64(_ text: String) -> [String] {
        (0..<3).flatMap { offset -> [String] in
            let bytes = [UInt8](repeating: 0, count: offset) + Array(text.utf8)
            let whole = Data(bytes).base64EncodedString().filter { $0 != "=" }
            // The first characters hold bits of what stands before, the last one those of what comes after.
            let inner = String(whole.dropFirst([0, 2, 3][offset]).dropLast(bytes.count % 3 == 0 ? 0 : 1))
            return [inner, inner.replacing("+", with: "-").replacing("/", with: "_")]
        }
    }

    private static func base16(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func places(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBytes { whole in
            guard let base = whole.baseAddress, let first = needle.first else { return [] }
            var (places, start) = ([Int](), 0)
            while start + needle.count <= whole.count,
                let hit = memchr(base + start, Int32(first), whole.count - needle.count + 1 - start)
            {
                let place = base.distance(to: UnsafeRawPointer(hit))
                if memcmp(hit, needle, needle.count) == 0 { places.append(place) }
                start = place + 1
            }
            return places
        }
    }
}
