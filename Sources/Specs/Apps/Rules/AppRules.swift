/// One rule of marathon-api.md 4, or a small family of them: what a definition may not say.
protocol AppRule: SendableMetatype {
    /// What it finds wrong; in any order.
    static func faults(of app: AppUnderCheck) -> [AppFault]
}

/// All rules about one app by itself.
///
/// Not checked, since nothing pure can: that `storeUrls` answer (up to 1.4), that regular expressions compile, and what
/// plugins and providers of external volumes want.
enum AppRules {
    private static let all: [any AppRule.Type] = [
        FieldRule.self, IdentifierRule.self, CommandRule.self, RequiredFieldRule.self, RangeRule.self, WordRule.self,
        ContainerRule.self, VolumeRule.self, PortRule.self, NetworkRule.self, HealthCheckRule.self, ReadinessRule.self,
        ConstraintRule.self, ResourceRule.self, RoleChoiceRule.self, SecretRule.self, StrategyRule.self,
        ResidencyRule.self, StoreRule.self,
    ]

    static func faults(of app: AppUnderCheck) -> [AppFault] { all.flatMap { $0.faults(of: app) } }

    /// What no release takes: nothing where one takes all of it, else the faults of the release that has the fewest.
    ///
    /// `guess` is asked first, and becomes the release that takes it: apps of one file are mostly for one.
    static func faultsInEveryRelease(of definition: AppValue, guess: inout MarathonRelease) -> [AppFault] {
        if faults(of: AppUnderCheck(definition, of: guess)).isEmpty { return [] }
        var fewest: [AppFault]?
        for release in releases {
            let found = faults(of: AppUnderCheck(definition, of: release))
            if found.isEmpty {
                guess = release
                return []
            }
            if found.count < fewest?.count ?? .max { fewest = found }
        }
        return fewest ?? []
    }

    /// Every release whose rules differ from those of the one before it, the newest first (marathon-api.md 3 and 4).
    static let releases = [
        MarathonRelease(1, 11), MarathonRelease(1, 10), MarathonRelease(1, 9), MarathonRelease(1, 8),
        MarathonRelease(1, 7),
        MarathonRelease(1, 6), MarathonRelease(1, 5, 1), MarathonRelease(1, 5), MarathonRelease(1, 4, 9),
        MarathonRelease(1, 4), MarathonRelease(1, 3),
        MarathonRelease(1, 1), MarathonRelease(1, 0), MarathonRelease(0, 15), MarathonRelease(0, 14),
        MarathonRelease(0, 13), MarathonRelease(0, 9), MarathonRelease(0, 8, 2), MarathonRelease(0, 7, 6),
    ]
}
