// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let daemons = Target.Dependency.product(name: "Daemons", package: "reconciler")

// Built into the root package's scratch path, so that the modules of both are compiled once.
let package = Package(
    name: "Testbed",
    products: [
        .executable(name: "mesos-master", targets: ["MesosMaster"]),
        .executable(name: "mesos-agent", targets: ["MesosAgent"]),
        .executable(name: "marathon", targets: ["Marathon"]),
    ],
    dependencies: [
        .package(name: "reconciler", path: ".."),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .systemLibrary(name: "CZooKeeper", providers: [.apt(["libzookeeper-mt-dev"])]),
        .target(
            name: "DaemonHost",
            dependencies: [
                "CZooKeeper", daemons,
                .product(name: "Serving", package: "reconciler"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(name: "MesosMaster", dependencies: ["DaemonHost", daemons], swiftSettings: strict),
        .executableTarget(name: "MesosAgent", dependencies: ["DaemonHost", daemons], swiftSettings: strict),
        .executableTarget(name: "Marathon", dependencies: ["DaemonHost", daemons], swiftSettings: strict),
    ]
)
