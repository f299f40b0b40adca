internal import Reconciler
internal import Rendering

/// Tells on standard output what is news; nothing where nothing happens.
final class WatchPrinter: LoopListener {
    private let options: CommonOptions
    private let format: TextOrJSONLines
    private let console = Surroundings.current.console

    init(options: CommonOptions, format: TextOrJSONLines) {
        self.options = options
        self.format = format
    }

    func notify(_ notice: LoopNotice) {
        switch format {
        case .text: console.write(LoopNoticeText(notice, style: options.style).text)
        case .jsonLines: console.write(LoopNoticeDocument(notice).jsonLine + "\n")
        }
    }
}
