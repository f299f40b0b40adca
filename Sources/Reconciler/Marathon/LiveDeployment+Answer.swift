internal import Specs

extension LiveDeployment {
    /// Reads one item of `GET /v2/deployments` (marathon-api.md 1.8).
    init(_ answer: AnswerField) throws(ShapeFault) {
        var affected: [String] = []
        for app in try answer.items("affectedApps") { affected.append(try app.text()) }
        let steps = try answer.items("steps")
        let currentStep = try answer.integer("currentStep")
        var current = try answer.optional("currentActions").map { (list) throws(ShapeFault) in try Self.actions(list) }
        if current == nil, 1...max(steps.count, 1) ~= currentStep, currentStep <= steps.count {
            current = try Self.actions(ofStep: steps[currentStep - 1])
        }
        self.init(
            id: try answer.text("id"),
            version: try answer.text("version"),
            affectedApps: affected,
            currentActions: current ?? [],
            currentStep: currentStep,
            totalSteps: try answer.optionalInteger("totalSteps") ?? steps.count
        )
    }

    /// A list of actions up to 0.15, an object with one from 1.0.
    private static func actions(ofStep step: AnswerField) throws(ShapeFault) -> [Action] {
        try actions(step.value.items == nil ? step.required("actions") : step)
    }

    /// The key is `type` in the steps of 1.0 to 1.1.1, else `action`; pods have `pod`.
    private static func actions(_ list: AnswerField) throws(ShapeFault) -> [Action] {
        try list.map { (item) throws(ShapeFault) in
            guard let name = try item.optional("action", or: "type") else { throw item.fault("action") }
            guard let app = try item.optional("app", or: "pod") else { throw item.fault("app") }
            return Action(action: try name.text(), app: try app.text())
        }
    }
}
