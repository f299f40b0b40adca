/// A definition under the rules of a release, or of any, where none is known.
struct AppUnderCheck {
    let definition: AppValue
    /// nil: no Marathon is pinned or seen; then only what no release takes is a fault.
    let release: MarathonRelease?
    /// nil: nothing is known about its flags.
    let context: AppContext?

    init(_ definition: AppValue, in context: AppContext) {
        self.definition = definition
        self.context = context
        release = context.release
    }

    init(_ definition: AppValue, release: MarathonRelease?) {
        self.definition = definition
        self.release = release
        context = nil
    }
}
