internal import Specs

/// Distribution, init system and package manager; where settings live follows from what is installed.
enum PlatformFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] { [.platform] }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let answer: Observation<PlatformAnswer>? = answers.value(of: .platform) { answer in
            if case .platform(let platform) = answer { platform } else { nil }
        }
        guard let answer else { return }
        observed.hostname = answer.value?.hostname ?? ""
        let packages = observed.packages.compactMapValues { $0.value?.installed }
        switch answer {
        case .found(let words): observed.platform = platform(words, packages: packages)
        case .absent: observed.platform = .unknown("the node did not say what system it is")
        case .unknown(let reason): observed.platform = .unknown(reason)
        }
    }

    private static func platform(_ words: PlatformAnswer, packages: [String: String]) -> Observation<Platform> {
        guard !words.osID.isEmpty else {
            return .unknown("/etc/os-release cannot be read: which system this is is not known")
        }
        guard let initSystem = Platform.InitSystem(rawValue: words.initSystem) else {
            let name = words.initSystem.isEmpty ? "none that could be told" : words.initSystem
            return .unknown("its init system (\(name)) is neither systemd nor upstart")
        }
        guard let manager = Platform.PackageManager(rawValue: words.packageManager) else {
            return .unknown("it has neither apt nor yum")
        }
        var platform = Platform(
            os: words.osVersion.isEmpty ? words.osID : "\(words.osID)-\(words.osVersion)",
            initSystem: initSystem,
            packageManager: manager,
            packages: packages
        )
        if !words.wrapperAgentDirectory.isEmpty { platform.agentFlagDirectory = words.wrapperAgentDirectory }
        return .found(platform)
    }
}
