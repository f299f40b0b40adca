extension MarathonFault {
    /// One broken rule; `path` as from 1.0 (`/healthChecks(0)/portIndex`), `attribute` as before.
    public struct Violation: Hashable, Sendable {
        public var path: String
        public var attribute: String
        public var message: String

        public init(path: String, attribute: String? = nil, _ message: String) {
            self.path = path
            self.attribute = attribute ?? path
            self.message = message
        }
    }

    /// 422 in the release's shape (marathon-api.md 1.0).
    public static func validation(_ version: MarathonVersion, _ violations: [Violation]) -> MarathonFault {
        MarathonFault(422, ["message": "Object is not valid"])
    }

    /// A body that is no JSON.
    public static func malformed(_ version: MarathonVersion, _ fault: JSONFault) -> MarathonFault {
        MarathonFault(400, ["message": "Invalid JSON"])
    }

    /// A body without content.
    public static func empty(_ version: MarathonVersion) -> MarathonFault { MarathonFault(400, [:]) }

    /// JSON of another shape than wanted: path (`/id`) and Play's codes (`error.expected.jsstring`).
    public static func wrongType(_ version: MarathonVersion, _ errors: [(path: String, code: String)]) -> MarathonFault {
        MarathonFault(400, ["message": "Invalid JSON"])
    }

    /// A failed `require`.
    public static func requirement(_ text: String) -> MarathonFault {
        MarathonFault(422, ["message": .string("requirement failed: " + text)])
    }

    public static func locked(by deployments: [String]) -> MarathonFault { MarathonFault(409, [:]) }

    /// - Parameter id: As the body has it, which is what releases up to 0.10 echo.
    public static func duplicate(_ id: String) -> MarathonFault { MarathonFault(409, [:]) }

    public static func unknownApp(_ id: String, version: String? = nil) -> MarathonFault { MarathonFault(404, [:]) }
    public static func unknownGroup(_ id: String) -> MarathonFault { MarathonFault(404, [:]) }
    public static func unknownTask(_ id: String) -> MarathonFault { MarathonFault(404, [:]) }
    public static func unknownDeployment(_ id: String) -> MarathonFault { MarathonFault(404, [:]) }
}
