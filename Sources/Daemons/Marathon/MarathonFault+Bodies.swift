extension MarathonFault {
    /// One broken rule; `path` as from 1.0 (`/healthChecks(0)/portIndex`), `attribute` as before.
    public struct Violation: Hashable, Sendable {
        public var path: String
        public var attribute: String
        public var message: String

        /// Without an `attribute`, the path's names joined with dots.
        public init(path: String, attribute: String? = nil, _ message: String) {
            self.path = path
            self.attribute = attribute ?? path.split(separator: "/").joined(separator: ".")
            self.message = message
        }
    }

    /// 422 in the release's shape: `errors` up to 0.14, `details` after (marathon-api.md 1.0).
    public static func validation(_ version: MarathonVersion, _ violations: [Violation]) -> MarathonFault {
        let byAttribute = JSON.array(
            violations.map { ["attribute": .string($0.attribute), "error": .string($0.message)] }
        )
        if !version.isAtLeast(0, 11) { return MarathonFault(422, ["errors": byAttribute]) }
        if !version.isAtLeast(0, 15) {
            return MarathonFault(422, ["message": "Bean is not valid", "errors": byAttribute])
        }
        let details = version.isAtLeast(1, 0) ? byPath(violations) : byAttribute
        return MarathonFault(422, ["message": "Object is not valid", "details": details])
    }

    private static func byPath(_ violations: [Violation]) -> JSON {
        var messages = JSONObject()
        for violation in violations {
            messages[violation.path] = .array((messages[violation.path]?.array ?? []) + [.string(violation.message)])
        }
        return .array(messages.members.map { ["path": .string($0.key), "errors": $0.value] })
    }

    /// A body that is no JSON.
    ///
    /// The words are this parser's, not Jackson's.
    public static func malformed(_ version: MarathonVersion, _ fault: JSONFault) -> MarathonFault {
        let words = JSON.string("\(fault.message) at [Source: body; byte offset: \(fault.offset)]")
        if !version.isAtLeast(0, 15) { return MarathonFault(400, ["message": words]) }
        return MarathonFault(400, ["message": "Invalid JSON", "details": words])
    }

    /// A body without content.
    public static func empty(_ version: MarathonVersion) -> MarathonFault {
        let words: JSON = "No content to map due to end-of-input"
        if !version.isAtLeast(0, 15) { return MarathonFault(400, ["message": words]) }
        return MarathonFault(400, ["message": "Please specify data in JSON format", "details": words])
    }

    /// JSON of another shape than wanted: path (`/id`) and Play's codes (`error.expected.jsstring`).
    public static func wrongType(_ version: MarathonVersion, _ errors: [(path: String, code: String)]) -> MarathonFault
    {
        wrongShape(version, errors.map { ShapeFault(path: $0.path, code: $0.code) })
    }

    /// A failed `require`.
    public static func requirement(_ text: String) -> MarathonFault {
        MarathonFault(422, ["message": .string("requirement failed: " + text)])
    }

    /// An exception that Marathon does not expect.
    public static func internalError(_ text: String) -> MarathonFault {
        MarathonFault(500, ["message": .string(text)])
    }

    public static func locked(by deployments: [String]) -> MarathonFault {
        let message = """
            App is locked by one or more deployments. Override with the option '?force=true'. \
            View details at '/v2/deployments/<DEPLOYMENT_ID>'.
            """
        return MarathonFault(
            409,
            ["message": .string(message), "deployments": .array(deployments.map { ["id": .string($0)] })]
        )
    }

    /// The refusal to create an app that is there.
    /// - Parameter id: As the body has it, which is what releases up to 0.10 echo.
    /// - Returns: 409.
    public static func duplicate(_ id: String) -> MarathonFault {
        MarathonFault(409, ["message": .string("An app with id [\(id)] already exists.")])
    }

    public static func unknownApp(_ id: String, version: String? = nil) -> MarathonFault {
        unknown("App '\(id)' does not exist" + (version.map { " in version \($0)" } ?? ""))
    }

    public static func unknownGroup(_ id: String) -> MarathonFault { unknown("Group '\(id)' does not exist") }
    public static func unknownTask(_ id: String) -> MarathonFault { unknown("Task '\(id)' does not exist") }

    public static func unknownDeployment(_ id: String) -> MarathonFault {
        unknown("DeploymentPlan \(id) does not exist")
    }

    private static func unknown(_ message: String) -> MarathonFault {
        MarathonFault(404, ["message": .string(message)])
    }

    /// What the release answers to values of the wrong shape (marathon-api.md 1.0).
    static func wrongShape(_ version: MarathonVersion, _ faults: [ShapeFault]) -> MarathonFault {
        var codes = JSONObject()
        for fault in faults {
            let known = codes[fault.path]?.array ?? []
            codes[fault.path] = .array(known + (fault.code.map { [.string($0)] } ?? []))
        }
        if version.isAtLeast(0, 9) {
            let details = codes.members.map { member -> JSON in ["path": .string(member.key), "errors": member.value] }
            return MarathonFault(
                version.readsRAML ? 422 : 400,
                ["message": "Invalid JSON", "details": .array(details)]
            )
        }
        let errors = faults.map { fault in
            let error = fault.code.map {
                "ValidationError(\($0),WrappedArray(\(fault.arguments.joined(separator: ", "))))"
            }
            return "(\(fault.path),List(\(error ?? "")))"
        }
        let text = "JsResultException(errors:List(\(errors.joined(separator: ", "))))"
        return version.isAtLeast(0, 8)
            ? MarathonFault(400, ["message": .string("Invalid JSON: " + text)]) : internalError(text)
    }
}
