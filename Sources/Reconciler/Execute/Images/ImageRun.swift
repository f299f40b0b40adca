internal import Specs

/// Carries out a step on one image.
struct ImageRun {
    let step: Step
    let act: ImageAct
    let context: RunContext
    let tools: ImageTools

    func carryOut() async -> StepResult { StepResult(.failed("not built yet")) }
}
