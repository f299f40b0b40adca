/// How text is dressed.
///
/// Colour only repeats what a symbol or a word already says, so plain text loses nothing.
public struct TextStyle: Hashable, Sendable {
    public var hasColour: Bool

    public init(hasColour: Bool) { self.hasColour = hasColour }

    public static let plain = TextStyle(hasColour: false)
    public static let coloured = TextStyle(hasColour: true)

    /// What a piece of text means; each has its colour.
    enum Tone {
        case heading, quiet, created, removed, changed, disruptive, unknown, failure, warning, success

        fileprivate var code: String {
            switch self {
            case .heading: "1"
            case .quiet: "2"
            case .created, .success: "32"
            case .removed, .failure: "31"
            case .changed: "36"
            case .disruptive: "1;33"
            case .unknown: "35"
            case .warning: "33"
            }
        }
    }

    func callAsFunction(_ text: String, _ tone: Tone) -> String {
        hasColour && !text.isEmpty ? "\u{1B}[\(tone.code)m\(text)\u{1B}[0m" : text
    }
}
