internal import Reconciler
internal import Specs

extension PlanDocument {
    /// What a step does to one app; bodies of writes are left out, `changes[].fields` say what they bring.
    public struct App: Hashable, Sendable, Encodable {
        public var id: String
        /// `create`, `update`, `recreate`, `restart` or `delete`.
        public var operation: String
        /// Of an `update`: `scale`, `restart` or `none`.
        public var effect: String?
        /// `merge` (PUT) or `replace` (PUT with `partialUpdate=false`); absent where nothing is put.
        public var write: String?
        public var tasks: Tasks
        /// The version of the app that is expected; absent for one that is not there.
        public var version: String?
        /// Marathon's release that the write was made for.
        public var release: String
        public var forced: Bool
        public var deadlineSeconds: Int
        /// `stop`, `wait` or `restore`.
        public var onFailure: String
        /// Fields that are left as they are.
        public var ignoring: [String]

        init(_ act: AppAct) {
            id = act.id
            switch act.operation {
            case .create(let put): (operation, write) = ("create", put.method.rawValue)
            case .update(let put): (operation, write) = ("update", put.method.rawValue)
            case .recreate(let put): (operation, write) = ("recreate", put.method.rawValue)
            case .restart: operation = "restart"
            case .delete: operation = "delete"
            }
            switch act.effect {
            case .scale?: effect = "scale"
            case .restart?: effect = "restart"
            case .some(.none): effect = "none"
            case nil: break
            }
            tasks = Tasks(restarted: act.tasks.restarted, added: act.tasks.added, killed: act.tasks.killed)
            if case .version(let expected) = act.expected { version = expected }
            release = act.context.release.description
            forced = act.isForced
            deadlineSeconds = act.deadlineSeconds
            onFailure = act.onFailure.rawValue
            ignoring = act.ignoring
        }
    }

    public struct Tasks: Hashable, Sendable, Encodable {
        /// Killed and replaced.
        public var restarted: Int
        /// New, in nobody's place.
        public var added: Int
        /// Killed for good.
        public var killed: Int
    }

    /// One field of an app before and after, as JSON; texts show secrets as `${env:NAME}` or `•••`.
    public struct Field: Hashable, Sendable, Encodable {
        public var path: String
        /// Absent where the field is not there.
        public var before: JSONValue?
        public var after: JSONValue?
        public var hasSecrets: Bool

        init(_ field: FieldDifference) {
            path = field.path
            let values = [field.shownBefore, field.shownAfter]
            (before, after) = (values[0].map(JSONValue.init), values[1].map(JSONValue.init))
            hasSecrets = values.contains { $0?.isSensitive == true }
        }
    }
}

/// Any JSON in a document.
public indirect enum JSONValue: Hashable, Sendable, Encodable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(_ value: AppValue) {
        switch value {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .number(let number):
            // JSON has no way to write what is not finite; as text it is at least seen.
            self = Int(exactly: number).map(Self.integer) ?? (number.isFinite ? .number(number) : .text("\(number)"))
        case .text(let content): self = .text(content.shown)
        case .list(let items): self = .list(items.map(Self.init))
        case .object(let members): self = .object(members.mapValues(Self.init))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }
}
