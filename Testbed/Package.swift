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

/// An executable around a model; the nodes have the Swift runtime in the place where Debian would put it.
@MainActor func daemon(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["DaemonHost", daemons],
        swiftSettings: strict,
        linkerSettings: [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "/usr/lib/swift/linux"])]
    )
}

// Built into the root package's scratch path, so that the modules of both are compiled once.
let package = Package(
    name: "Testbed",
    products: [
        .executable(name: "mesos-master", targets: ["MasterDaemon"]),
        .executable(name: "mesos-agent", targets: ["AgentDaemon"]),
        .executable(name: "marathon", targets: ["MarathonDaemon"]),
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
        daemon("MasterDaemon"),
        daemon("AgentDaemon"),
        daemon("MarathonDaemon"),
        .testTarget(
            name: "DaemonHostTests",
            dependencies: ["DaemonHost", daemons, .product(name: "Serving", package: "reconciler")],
            swiftSettings: strict
        ),
    ]
)
