import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Compares `text` with the file of that name in Fixtures; `make golden` writes the files anew instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    if getenv("RECONCILER_GOLDEN") != nil {
        try Data(text.utf8).write(to: file)
        return
    }
    let wanted = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    if let difference = firstDifference(wanted, text) {
        Testing.Issue.record("\(name), \(difference); `make golden` accepts it", sourceLocation: sourceLocation)
    }
}

private func firstDifference(_ wanted: String, _ got: String) -> String? {
    guard wanted != got else { return nil }
    let (wanted, got) = (
        wanted.split(separator: "\n", omittingEmptySubsequences: false),
        got.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let line = zip(wanted, got).prefix { $0 == $1 }.count
    let old = line < wanted.count ? String(wanted[line]) : "(end)"
    let new = line < got.count ? String(got[line]) : "(end)"
    return "line \(line + 1):\n  was \(old)\n  is  \(new)"
}
