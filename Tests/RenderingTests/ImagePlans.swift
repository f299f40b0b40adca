import Reconciler
import Specs

/// Plans of images, by the planner itself, for the golden files.
enum ImagePlans {
    static let nginx = "feuyeux/nginx:latest"
    static let tools = "registry.example:5000/tools:2"
    static let agents: [NodeName] = ["mesos-slave1", "mesos-slave2", "mesos-slave3", "mesos-slave4"]

    private static func id(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    private static func held(_ digit: Character, _ references: [String], layers: String) -> HeldImage {
        HeldImage(
            id: id(digit),
            references: references,
            layers: layers.map(id),
            bytes: 188_000_000,
            architecture: "amd64"
        )
    }

    private static func source(_ digit: Character, layers: String, bytes: Int) -> SourceImage {
        SourceImage(
            id: id(digit),
            layers: layers.map { SourceImage.Layer(diffID: id($0), bytes: bytes) },
            bytes: bytes * layers.count,
            architecture: "amd64",
            engineVersion: "20.10.24"
        )
    }

    private static func engine(_ images: [HeldImage]) -> ObservedEngine {
        ObservedEngine(
            version: "20.10.24",
            storageDriver: "overlay2",
            rootDirectory: "/var/lib/docker",
            freeBytes: 14_000_000_000,
            architecture: "amd64",
            images: images
        )
    }

    private static func image(
        _ reference: String,
        _ origin: ImageOrigin,
        _ line: Int,
        apps: [String] = []
    ) -> DesiredImage {
        DesiredImage(
            reference: reference,
            origin: origin,
            nodes: agents,
            apps: apps,
            position: SourcePosition(file: "cluster.yaml", line: line, column: 3)
        )
    }

    private static func plan(
        _ images: DesiredImages,
        engines: [Observation<ObservedEngine>],
        looks: [String: SourceLook],
        apps: [DesiredApp] = [],
        live: [DesiredApp] = []
    ) -> Plan {
        let nodes = zip(agents, engines).map { name, engine in
            var node = ObservedNode(name: name, platform: .found(platform))
            node.engine = engine
            node.applied = .found([
                "image:\(nginx)": AppliedEntry(
                    resource: "image:\(nginx)",
                    digest: "\(id("3")) \(id("3"))",
                    revision: "a1b2c3d"
                )
            ])
            return (name, NodeObservation.answered(node))
        }
        var observed = ObservedCluster(nodes: Dictionary(nodes) { first, _ in first }, images: looks)
        observed.marathon = .found(AppPlans.marathon(live))
        return Plan(
            desired: DesiredCluster(
                name: "mesosphere-in-action",
                nodes: agents.enumerated().map { index, name in
                    DesiredNode(
                        name: name,
                        address: "10.16.40.\(11 + index)",
                        roles: [.mesosAgent],
                        platform: platform
                    )
                },
                leaseHolders: agents,
                apps: DesiredApps(apps: apps),
                images: images
            ),
            observed: observed,
            source: SamplePlans.source
        )
    }

    private static let platform = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)

    /// One node is up to date, one has an older one, one has it under another name, one has none; an app waits, and one keeps
    /// running the old image.
    static var mixed: Plan {
        let live = AppPlans.app("/nginx")
        return plan(
            DesiredImages(images: [image(nginx, .engine(.thisMachine), 31, apps: ["/nginx", "/web"])], prunes: true),
            engines: [
                .found(engine([held("9", [nginx], layers: "abcde")])),
                .found(engine([held("3", [nginx], layers: "abcxy")])),
                .found(engine([held("9", ["nginx:staging"], layers: "abcde")])), .found(engine([])),
            ],
            looks: [nginx: SourceLook(image: .found(source("9", layers: "abcde", bytes: 37_600_000)))],
            apps: [live, AppPlans.app("/web")],
            live: [live]
        )
    }

    /// Built here and sent, pulled there; what cannot be done says why.
    static var built: Plan {
        var pulled = source("7", layers: "ab", bytes: 20_000_000)
        pulled.engineVersion = nil
        pulled.digest = id("f")
        var foreign = engine([])
        foreign.architecture = "arm64"
        return plan(
            DesiredImages(
                images: [
                    image(nginx, .build(directory: "images/nginx", on: .ssh("builder")), 31),
                    image(tools, .registry, 35, apps: ["/tools"]),
                    image("site:1", .engine(.ssh("builder")), 38),
                ],
                transfer: DesiredTransfer(parallel: 2, bandwidth: 5_000_000, isTree: true)
            ),
            engines: [
                .found(engine([])), .found(foreign),
                .unknown("Cannot connect to the Docker daemon at unix:///var/run/docker.sock."), .absent,
            ],
            looks: [
                nginx: SourceLook(image: .absent, context: "c0ffee"), tools: SourceLook(image: .found(pulled)),
                "site:1": SourceLook(image: .unknown("ssh: connect to host builder port 22: timed out")),
            ],
            apps: [AppPlans.app("/tools")]
        )
    }
}
