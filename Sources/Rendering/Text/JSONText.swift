internal import FoundationEssentials

/// A document: keys sorted, two spaces a level, a newline at the end; or one line without it for json-lines.
func json(_ document: some Encodable, isOneLine: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
        return String(decoding: try encoder.encode(document), as: UTF8.self) + (isOneLine ? "" : "\n")
    } catch {
        // Documents hold text, whole numbers, booleans and finite seconds only.
        preconditionFailure("a document cannot be encoded: \(error)")
    }
}

/// The version every document carries.
///
/// A field may be added under the same number; none changes its meaning or goes.
let documentFormatVersion = 1
