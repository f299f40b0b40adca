/// Numbers stay within what the release takes (marathon-api.md 4; RAML types/app.raml from 1.5).
///
/// Releases before 1.0 read some negative amounts without a word; no Mesos takes a task that wants them.
enum RangeRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        var ranges = [
            Range("instances", least: 0), Range("mem", least: 0), Range("disk", least: 0), Range("gpus", least: 0),
            Range("cpus", least: app.readsRAML ? 0.001 : 0),
            Range("upgradeStrategy.minimumHealthCapacity", least: 0, most: 1),
            Range("upgradeStrategy.maximumOverCapacity", least: 0, most: 1),
            Range("executorResources.cpus", least: 0.1), Range("executorResources.mem", least: 32),
            Range("executorResources.disk", least: 10),
            Range("unreachableStrategy.inactiveAfterSeconds", least: 0),
            Range("unreachableStrategy.expungeAfterSeconds", least: 0),
        ]
        if app.readsRAML {
            ranges.append(Range("backoffFactor", least: 1))
            let seconds = ["backoffSeconds", "maxLaunchDelaySeconds", "taskKillGracePeriodSeconds"]
            ranges += seconds.map { Range($0, least: 0) }
        }
        var found = ranges.compactMap { range in fault(value(app.definition, range.path), range) }
        // Only 0.8 wants more than none at all.
        if app.since(0, 8), !app.since(0, 9), app["cpus"]?.number == 0 {
            found.append(AppFault("`cpus` must be more than 0", at: "cpus"))
        }
        return found + whole(app) + checks(app)
    }

    private struct Range {
        var path: String
        var least: Double
        var most: Double

        init(_ path: String, least: Double, most: Double = .infinity) {
            (self.path, self.least, self.most) = (path, least, most)
        }
    }

    private static func value(_ definition: AppValue, _ path: String) -> AppValue? {
        path.split(separator: ".").reduce(definition) { $0?.given(String($1)) }
    }

    private static func fault(_ value: AppValue?, _ range: Range) -> AppFault? {
        guard let number = value?.number, !(range.least...range.most).contains(number) else { return nil }
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
            names.compactMap { fault(check.given($0), Range("\(path).\($0)", least: 0)) }
        }
    }
}

extension Double {
    /// Without a fraction of zero.
    var shown: String { Int(exactly: self).map(String.init) ?? String(self) }
}
