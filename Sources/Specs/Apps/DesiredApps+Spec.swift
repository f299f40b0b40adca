extension ClusterSpec {
    /// Whether there is anything about apps to bring about: some are named, or undeclared ones are removed.
    public var managesApps: Bool {
        let prunes = other.policy.pruneApps.map { $0.value != .never } ?? false
        return !other.apps.isEmpty || prunes && !other.policy.pruneAppsUnder.isEmpty
    }

    /// The Marathon that is declared, as far as its behaviour depends on it; nil without a pin.
    public var expectedMarathon: AppContext? {
        versions.marathon.flatMap { MarathonRelease($0.value) }.map { release in
            AppContext(
                release: release,
                role: marathonFlag("mesos_role") ?? "*",
                defaultNetworkName: marathonFlag("default_network_name"),
                mesosBridgeName: marathonFlag("mesos_bridge_name") ?? "mesos-bridge",
                features: marathonFeatures
            )
        }
    }

    /// `--enable_features`: words with commas between them (marathon-api.md 7.2).
    private var marathonFeatures: Set<String> {
        let words = (marathonFlag("enable_features") ?? "").split(separator: ",")
        return Set(words.map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) })
    }

    /// The declared value of a flag of Marathon; all Marathons of a cluster have the same, so the first one's counts.
    private func marathonFlag(_ name: String) -> String? {
        let layers = flagLayers(of: .marathon, on: nodes(with: .marathon).first)
        let setting = layers.joined().last { $0.name.value == name }
        return setting?.value.value.plainText.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension DesiredApps {
    /// What `spec` wants of the apps that its files define.
    ///
    /// `apps` are those of the same reading as `spec`; `forced` are ids of `--force-app`.
    public init(spec: ClusterSpec, apps: [AppDefinition], forced: Set<String> = []) {
        let policy = spec.other.policy
        let ignored = Dictionary(policy.ignore.map { ($0.app.value, $0.fields.map(\.value)) }) { $0 + $1 }
        let terms = Dictionary(spec.other.deployments.apps.map { ($0.key.value, $0.value) }) { first, _ in first }
        let all = spec.other.deployments.all
        self.init(
            apps: apps.map { app in
                let own = terms[app.id.value]
                let deadline = own?.deadline ?? all.deadline
                return DesiredApp(
                    id: app.id.value,
                    definition: app.definition,
                    position: app.position,
                    positions: app.positions,
                    dependencies: app.dependencies.map(\.value),
                    deadlineSeconds: deadline.map { $0.value.wholeSeconds } ?? 600,
                    onFailure: (own?.onFailure ?? all.onFailure)?.value ?? .stop
                )
            },
            expected: spec.expectedMarathon,
            prune: policy.pruneApps?.value ?? .never,
            pruneUnder: policy.pruneAppsUnder.map(\.value),
            protect: Set(policy.protect.map(\.value)),
            ignore: ignored,
            consent: Set(spec.policy.consent.map(\.value)),
            tasksRestarted: policy.tasksRestarted?.value,
            forced: forced
        )
    }
}

extension MesosDuration {
    /// Whole seconds, at least one: a deadline is no shorter than it is written.
    fileprivate var wholeSeconds: Int { max(1, Int((nanoseconds + 999_999_999) / 1_000_000_000)) }
}
