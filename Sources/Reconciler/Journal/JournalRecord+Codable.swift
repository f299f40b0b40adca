internal import FoundationEssentials
internal import Specs

/// The form in the file: an object with `type` and that type's own fields beside it, so that it stays what it is when the
/// engine's types change.
extension JournalRecord: Codable {
    private enum Key: String, CodingKey {
        case type, number, results, step, outcome, message, ending, stepFinished, counts
    }

    private var type: String {
        switch self {
        case .began: "began"
        case .intent: "intent"
        case .act: "act"
        case .acted: "acted"
        case .outcome: "outcome"
        case .ended: "ended"
        case .reobserved: "reobserved"
        case .other(let type): type
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(type, forKey: .type)
        switch self {
        case .began(let run): try run.encode(to: encoder)
        case .intent(let intent): try intent.encode(to: encoder)
        case .act(let act): try act.encode(to: encoder)
        case .reobserved(let found): try found.encode(to: encoder)
        case .acted(let number, let results):
            try fields.encode(number, forKey: .number)
            try fields.encode(results, forKey: .results)
        case .outcome(let step, let outcome):
            try fields.encode(step, forKey: .step)
            try fields.encode(outcome.journaled.word, forKey: .outcome)
            try fields.encodeIfPresent(outcome.journaled.message, forKey: .message)
        case .ended(let ending, let counts):
            try fields.encode(ending.journaled.word, forKey: .ending)
            try fields.encodeIfPresent(ending.journaled.message, forKey: .message)
            if case .interrupted(let stepFinished) = ending { try fields.encode(stepFinished, forKey: .stepFinished) }
            try fields.encode(counts, forKey: .counts)
        case .other: break
        }
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(String.self, forKey: .type) {
        case "began": self = .began(try JournaledRun(from: decoder))
        case "intent": self = .intent(try JournaledIntent(from: decoder))
        case "act": self = .act(try JournaledAct(from: decoder))
        case "reobserved": self = .reobserved(try Reobserved(from: decoder))
        case "acted":
            self = .acted(
                number: try fields.decode(Int.self, forKey: .number),
                results: try fields.decode([String].self, forKey: .results)
            )
        case "outcome":
            let (word, message) = try Self.saying(fields, .outcome)
            guard let outcome = StepOutcome(journaled: word, message) else {
                throw Self.unknown(.outcome, word, fields)
            }
            self = .outcome(step: try fields.decode(Int.self, forKey: .step), outcome)
        case "ended":
            let (word, message) = try Self.saying(fields, .ending)
            let isFinished = try fields.decodeIfPresent(Bool.self, forKey: .stepFinished) ?? false
            guard let ending = RunReport.Ending(journaled: word, message, stepFinished: isFinished) else {
                throw Self.unknown(.ending, word, fields)
            }
            self = .ended(ending, counts: try fields.decode([String: Int].self, forKey: .counts))
        case let type: self = .other(type)
        }
    }

    private static func saying(
        _ fields: KeyedDecodingContainer<Key>,
        _ key: Key
    ) throws -> (word: String, message: String) {
        (try fields.decode(String.self, forKey: key), try fields.decodeIfPresent(String.self, forKey: .message) ?? "")
    }

    private static func unknown(
        _ key: Key,
        _ word: String,
        _ fields: KeyedDecodingContainer<Key>
    ) -> DecodingError {
        DecodingError.dataCorruptedError(forKey: key, in: fields, debugDescription: "\(word) is not known")
    }
}

extension StepOutcome {
    var journaled: (word: String, message: String?) {
        switch self {
        case .applied: ("applied", nil)
        case .alreadyInPlace: ("alreadyInPlace", nil)
        case .failed(let words): ("failed", words)
        case .conflict(let words): ("conflict", words)
        case .notReached(let words): ("notReached", words)
        case .unknown(let words): ("unknown", words)
        }
    }

    fileprivate init?(journaled word: String, _ message: String) {
        switch word {
        case "applied": self = .applied
        case "alreadyInPlace": self = .alreadyInPlace
        case "failed": self = .failed(message)
        case "conflict": self = .conflict(message)
        case "notReached": self = .notReached(message)
        case "unknown": self = .unknown(message)
        default: return nil
        }
    }
}

extension RunReport.Ending {
    fileprivate var journaled: (word: String, message: String?) {
        switch self {
        case .completed: ("completed", nil)
        case .interrupted: ("interrupted", nil)
        case .leaseLost(let words): ("leaseLost", words)
        case .assumptionFailed(let words): ("assumptionFailed", words)
        case .planAgain(let words): ("planAgain", words)
        case .journalFailed(let words): ("journalFailed", words)
        }
    }

    fileprivate init?(journaled word: String, _ message: String, stepFinished: Bool) {
        switch word {
        case "completed": self = .completed
        case "interrupted": self = .interrupted(stepFinished: stepFinished)
        case "leaseLost": self = .leaseLost(message)
        case "assumptionFailed": self = .assumptionFailed(message)
        case "planAgain": self = .planAgain(message)
        case "journalFailed": self = .journalFailed(message)
        default: return nil
        }
    }
}
