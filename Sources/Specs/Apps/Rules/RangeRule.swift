/// Numbers stay within what the release takes (marathon-api.md 4; RAML types/app.raml from 1.5).
///
/// Releases before 1.0 read some negative amounts without a word; no Mesos takes a task that wants them.
enum RangeRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        for range in app.readsRAML ? (common + modern) : common {
            if let fault = fault(range.value(in: app.definition), range) { found.append(fault) }
        }
        // Only 0.8 wants more than none at all.
        if app.since(0, 8), !app.since(0, 9), app["cpus"]?.number == 0 {
            found.append(AppFault("`cpus` must be more than 0", at: "cpus"))
        }
        return found + whole(app) + checks(app)
    }

    private static let common = [
        Range("instances", least: 0), Range("mem", least: 0), Range("disk", least: 0), Range("gpus", least: 0),
        Range("cpus", least: 0), Range("upgradeStrategy.minimumHealthCapacity", least: 0, most: 1),
        Range("upgradeStrategy.maximumOverCapacity", least: 0, most: 1),
        Range("executorResources.cpus", least: 0.1), Range("executorResources.mem", least: 32),
        Range("executorResources.disk", least: 10), Range("unreachableStrategy.inactiveAfterSeconds", least: 0),
        Range("unreachableStrategy.expungeAfterSeconds", least: 0),
    ]

    private static let modern = [
        Range("cpus", least: 0.001, ifAtLeast: 0), Range("backoffFactor", least: 1), Range("backoffSeconds", least: 0),
        Range("maxLaunchDelaySeconds", least: 0), Range("taskKillGracePeriodSeconds", least: 0),
    ]

    private struct Range {
        var path: String
        var least: Double
        var most: Double
        /// Smaller ones are another range's.
        var ifAtLeast: Double
        private var keys: [String]

        init(_ path: String, least: Double, most: Double = .infinity, ifAtLeast: Double = -.infinity) {
            (self.path, self.least, self.most, self.ifAtLeast) = (path, least, most, ifAtLeast)
            keys = path.split(separator: ".").map(String.init)
        }

        func value(in definition: AppValue) -> AppValue? {
            var value: AppValue? = definition
            for key in keys { value = value?[key] }
            return value
        }
    }

    private static func fault(_ value: AppValue?, _ range: Range) -> AppFault? {
        guard let number = value?.number, !(range.least...range.most).contains(number), number >= range.ifAtLeast else {
            return nil
        }
        if range.most.isFinite {
            let words = "`\(range.path)` must be \(range.least.shown) to \(range.most.shown), not \(number.shown)"
            return AppFault(words, at: range.path)
        }
        let words = "`\(range.path)` must be at least \(range.least.shown), not \(number.shown)"
        return AppFault(words, at: range.path)
    }

    /// What Marathon keeps in 32 bits.
    private static func whole(_ app: AppUnderCheck) -> [AppFault] {
        let most = Double(Int32.max)
        return ["instances", "gpus"].compactMap { path in
            guard let number = app[path]?.number, number > most else { return nil }
            return AppFault("`\(path)` must be at most \(most.shown), not \(number.shown)", at: path)
        }
    }

    /// Times of health checks and of `check`: not negative from 1.5.
    private static func checks(_ app: AppUnderCheck) -> [AppFault] {
        guard app.readsRAML else { return [] }
        let names = [
            "gracePeriodSeconds", "intervalSeconds", "timeoutSeconds", "maxConsecutiveFailures", "delaySeconds",
        ]
        let own = app["check"].map { [("check", $0)] } ?? []
        return (app.objects("healthChecks") + own).flatMap { path, check in
            names.compactMap { name in
                guard let number = check[name]?.number, number < 0 else { return nil }
                return AppFault("`\(path).\(name)` must be at least 0, not \(number.shown)", at: "\(path).\(name)")
            }
        }
    }
}

extension Double {
    /// Without a fraction of zero.
    var shown: String { Int(exactly: self).map(String.init) ?? String(self) }
}
