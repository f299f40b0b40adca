// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "reconciler",
    products: [
        .executable(name: "reconciler", targets: ["Command"]),
        // What the testbed's daemons are made of.
        .library(name: "Daemons", targets: ["Daemons"]),
        .library(name: "Serving", targets: ["Serving"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "Specs",
            dependencies: ["CYaml"],
            resources: [.embedInCode("Roles/Bridge/Shell")],
            swiftSettings: strict
        ),
        .target(name: "Daemons", swiftSettings: strict),
        .target(name: "Reconciler", dependencies: ["Specs", "CCrypto"], swiftSettings: strict),
        .target(
            name: "Transport",
            dependencies: [
                "Specs", "Reconciler",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            resources: [.embedInCode("NodeScript/Shell"), .embedInCode("Images/Shell")],
            swiftSettings: strict
        ),
        .target(name: "Lab", dependencies: ["Daemons", "Specs", "Reconciler"], swiftSettings: strict),
        .target(
            name: "Serving",
            dependencies: [
                "Daemons",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Rendering", dependencies: ["Specs", "Reconciler"], swiftSettings: strict),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Specs", "Reconciler", "Transport", "Rendering", "Daemons", "Lab", "Serving",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .target(name: "TestPrograms", path: "Tests/TestPrograms", swiftSettings: strict),
        .testTarget(
            name: "SpecsTests",
            dependencies: ["Specs"],
            exclude: ["Apps/Fixtures", "OpenPGP/Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(name: "DaemonsTests", dependencies: ["Daemons"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: ["Reconciler", "Specs"],
            exclude: ["Observe/Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "Reconciler", "Specs", "Serving", "Daemons", "TestPrograms",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LabTests",
            dependencies: ["Lab", "Daemons", "Transport", "Reconciler", "Specs", "TestPrograms"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Serving", "Daemons",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RenderingTests",
            dependencies: ["Rendering", "Reconciler", "Specs"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Command", "Rendering", "Lab", "Transport", "Reconciler", "Specs", "Daemons", "Serving",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Specs", "Reconciler", "Transport", "Daemons",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["marathon-client"],
            swiftSettings: strict
        ),
    ]
)
