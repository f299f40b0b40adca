extension Shape where Value == (PolicySpec, AppPolicySpec) {
    /// `policy:`: what this version acts on, and the rest.
    static var policy: Shape {
        section { section in
            var rest = AppPolicySpec(
                protect: section.value("protect", .oneOrMore(of: .appID)) ?? [],
                ignore: (section.value("ignore", .oneOrMore(of: .ignored)) ?? []).map(\.value)
            )
            let flagFiles = section.value("prune", .prune)
            if let flagFiles {
                rest.pruneImages = flagFiles.images
                rest.pruneApps = flagFiles.apps
                rest.pruneAppsUnder = flagFiles.under
            }
            if let budget = section.value("budget", .budget) {
                rest.tasksRestarted = budget.tasksRestarted
                rest.nodes = budget.nodes
            }
            let managed = PolicySpec(
                agentsAtOnce: section.value("agentsAtOnce", .integer(1...10_000)) ?? 1,
                pruneFlagFiles: flagFiles?.flagFiles ?? .never,
                consent: section.value("consent", .oneOrMore(of: .consent)) ?? []
            )
            return (managed, rest)
        }
    }
}

struct PruneReading {
    var flagFiles: PolicySpec.Prune?
    var images: Located<PolicySpec.Prune>?
    var apps: Located<AppPolicySpec.PruneApps>?
    var under: [Located<String>] = []
}

extension Shape where Value == PruneReading {
    fileprivate static var prune: Shape {
        section { section in
            var prune = PruneReading(
                flagFiles: section.value("flagFiles", .word),
                images: section.optional("images", .word)
            )
            let apps = Shape<Void>.section { apps in
                prune.apps = apps.optional("mode", .word)
                prune.under = apps.value("under", .oneOrMore(of: .appID)) ?? []
            }
            _ = section.value("apps", apps)
            return prune
        }
    }
}

extension PolicySpec.Prune: CaseIterable {
    public static let allCases: [PolicySpec.Prune] = [.never, .always]
}

extension Shape where Value == String {
    /// An absolute app or group id.
    fileprivate static var appID: Shape {
        text.checked { text in
            text.hasPrefix("/") ? nil : Fault("`\(text.abbreviated)` is no absolute id", hint: "write /\(text)")
        }
    }
}

extension Shape where Value == String {
    /// A path such as `instances` or `container.docker.image`.
    fileprivate static var fieldPath: Shape { text.checked(FieldPath.problem) }

    /// What is dangerous and wanted: a word of its own, or one about an app.
    fileprivate static var consent: Shape {
        text.checked { text in
            guard text.hasPrefix(PolicySpec.recreation) else {
                let known = ["wipe-replicated-log", PolicySpec.recreation + "/id"]
                return text == known[0]
                    ? nil
                    : Fault(
                        "`\(text.abbreviated)` is nothing to consent to",
                        hint: Suggestion.hint(for: text, in: known)
                    )
            }
            let id = String(text.dropFirst(PolicySpec.recreation.count))
            guard id.hasPrefix("/") else {
                return Fault("`\(id.abbreviated)` is no absolute id", hint: "write \(PolicySpec.recreation)/\(id)")
            }
            return AppPath.problem(id)
        }
    }
}

extension Shape where Value == AppPolicySpec.Ignored {
    fileprivate static var ignored: Shape {
        section { section in
            AppPolicySpec.Ignored(
                app: section.required("app", .appID, fallback: "/"),
                fields: section.required("fields", .oneOrMore(of: .fieldPath), fallback: []).value
            )
        }
    }
}

struct BudgetReading {
    var tasksRestarted: Located<AppPolicySpec.Amount>?
    var nodes: Located<AppPolicySpec.Amount>?
}

extension Shape where Value == BudgetReading {
    fileprivate static var budget: Shape {
        section { section in
            BudgetReading(
                tasksRestarted: section.optional("tasksRestarted", .amount),
                nodes: section.optional("nodes", .amount)
            )
        }
    }
}

extension Shape where Value == AppPolicySpec.Amount {
    /// `20%` or `2`.
    fileprivate static var amount: Shape {
        let count = Shape<Int>.integer(0...Int.max).map { Value.count($0) }
        return Shape { field in
            guard let text = field.node.scalar?.text, text.hasSuffix("%") else { return count.read(field) }
            guard let percent = Int(text.dropLast()), (0...100).contains(percent) else {
                field.fault("`\(text.abbreviated)` is no share", hint: "write 0% to 100%")
                return nil
            }
            return .percent(percent)
        }
    }
}
