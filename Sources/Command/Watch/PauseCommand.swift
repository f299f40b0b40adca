internal import ArgumentParser
internal import Daemons
internal import Lab
internal import Reconciler
internal import Specs
internal import Transport

/// Which loop is steered: by the cluster's name, or by its state directory.
struct LoopPlace: ParsableArguments {
    @OptionGroup var options: CommonOptions
    @OptionGroup var state: StateOptions

    @Flag(help: "The loop of the embedded simulated cluster.")
    var lab = false

    @OptionGroup var place: LabOptions

    func validate() throws {
        guard lab || place.labDirectory == nil else { throw ValidationError("--lab-directory needs --lab") }
    }

    /// Gives its store and the time by its clock.
    func open() async throws -> (store: LoopStore, now: Int) {
        var declared: Declared?
        // With a state directory the cluster's name is not needed, and neither is its file.
        if state.stateDirectory == nil || lab { declared = try await options.readSpec() }
        let cluster = declared?.spec.cluster.value ?? ""
        let store = LoopStore(try state.directory(of: cluster, lab: lab ? place : nil))
        guard lab, let declared else { return (store, Residence().now()) }
        let lab = try place.openMatching(declared.spec)
        return (store, try inLab { () throws(LabError) in try lab.read { $0.now.milliseconds / 1000 } })
    }

    /// Says so where nobody reads what is written here.
    func tellOfLoop(in store: LoopStore, at now: Int) throws {
        let console = Surroundings.current.console
        switch try attempted({ () throws(StateError) in try store.kept() }) {
        case nil:
            console.complain("no loop has run with \(store.directory.path) yet; one that starts there will heed it")
        case let kept? where !kept.isRecent(at: now):
            console.complain("no loop has run with \(store.directory.path) since \(UTCTime.text(kept.at))")
        default: break
        }
    }
}

/// What cannot be done with the state directory ends the command.
func attempted<Value>(_ body: () throws(StateError) -> Value) throws -> Value {
    do throws(StateError) { return try body() } catch { throw Stop(.failure, error.description) }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Lets the loop only look for a while; without options, tells whether it is paused.",
        discussion: "A pause ends by itself; `resume` ends it before. A step in hand is finished."
    )

    @OptionGroup var place: LoopPlace

    @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
    var reason: String?

    @Option(
        help: ArgumentHelp("For how long, such as 2h, or until when: 18:30, 2026-11-24T08:00Z.", valueName: "time")
    )
    var until: PauseEnd?

    func validate() throws {
        guard (reason == nil) == (until == nil) else {
            throw ValidationError("a pause needs both --reason and --until: a forgotten one must end by itself")
        }
        guard reason?.allSatisfy(\.isWhitespace) != true else { throw ValidationError("--reason is empty") }
    }

    func run() async throws {
        let (store, now) = try await place.open()
        let console = Surroundings.current.console
        guard let reason, let until else { return try tell(store.pause, at: now) }
        let end = until.end(after: now)
        guard end > now else { throw Stop(.usage, "--until: \(UTCTime.text(end)) is past") }
        guard end - now <= PauseEnd.longest else {
            throw Stop(.usage, "--until: \(UTCTime.text(end)) is more than 31 days from now")
        }
        do { try store.directory.prepare() } catch { throw Stop(.failure, "\(error)") }
        let pause = LoopPause(reason: reason, by: thisPerson(), since: now, until: end)
        let before = store.pause.value
        try attempted { () throws(StateError) in try store.set(pause) }
        if let before, before.holds(at: now) { console.write("In place of: \(words(before)).\n") }
        console.write("Paused \(words(pause)).\n")
        try place.tellOfLoop(in: store, at: now)
    }

    private func tell(_ pause: Observation<LoopPause>, at now: Int) throws {
        switch pause {
        case .found(let pause) where pause.holds(at: now):
            Surroundings.current.console.write("Paused \(words(pause)).\n")
        case .found, .absent: Surroundings.current.console.write("Not paused.\n")
        case .unknown(let reason): throw Stop(.failure, "\(reason); the loop takes that for a pause")
        }
    }

    private func words(_ pause: LoopPause) -> String {
        let reason = pause.reason.map { $0.isNewline ? " " : String($0) }.joined()
        return "until \(UTCTime.text(pause.until)) by \(pause.by): \(reason)"
    }
}

/// When a pause ends: after a while, at a time of the day (local), or at a moment.
struct PauseEnd: Hashable, ExpressibleByArgument {
    /// In seconds; longer ones are rather forgotten than meant.
    static let longest = 31 * 86_400

    private enum Form: Hashable {
        case after(seconds: Int)
        case at(minuteOfDay: Int)
        case moment(Int)
    }

    private var form: Form

    init?(argument: String) {
        if let time = WaitingTime(argument: argument), argument.last?.isLetter == true {
            form = .after(seconds: time.seconds)
        } else if argument.last == "d", let days = Int(argument.dropLast()), (1...31).contains(days) {
            form = .after(seconds: days * 86_400)
        } else if let minute = Self.minuteOfDay(argument) {
            form = .at(minuteOfDay: minute)
        } else if let moment = Self.moment(argument) {
            form = .moment(moment)
        } else {
            return nil
        }
    }

    /// Seconds since 1970.
    func end(after now: Int) -> Int {
        switch form {
        case .after(let seconds): return now + seconds
        case .moment(let moment): return moment
        case .at(let minute):
            // The next time the clock on the wall says so.
            let wait = (minute - TimeWindow.Instant(localTime: now).minute + 1440) % 1440
            return now - now % 60 + (wait == 0 ? 1440 : wait) * 60
        }
    }

    private static func minuteOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count <= 2, parts[1].count == 2,
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    /// `2026-11-24T08:00Z` or `2026-11-24T08:00:30Z`, UTC alone: an offset left out would be guessed.
    private static func moment(_ text: String) -> Int? {
        guard text.hasSuffix("Z") else { return nil }
        let halves = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let time = halves[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard date.count == 3, (2...3).contains(time.count), let year = date[0], let month = date[1], let day = date[2],
            let hour = time[0], let minute = time[1], let second = time.count == 3 ? time[2] : 0
        else { return nil }
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return UTCTime.seconds(year: year, month: month, day: day) + hour * 3600 + minute * 60 + second
    }
}
