/// One rule of marathon-api.md 4, or a small family of them: what a definition may not say.
protocol AppRule {
    /// What it finds wrong; in any order.
    static func faults(of app: AppUnderCheck) -> [AppFault]
}

/// All rules about one app by itself.
enum AppRules {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        []
    }
}
