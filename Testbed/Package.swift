// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "Testbed",
    products: [
        .executable(name: "mesos-master", targets: ["MesosMaster"]),
        .executable(name: "mesos-agent", targets: ["MesosAgent"]),
        .executable(name: "marathon", targets: ["Marathon"]),
    ],
    targets: [
        .target(name: "Flags", swiftSettings: strict),
        .target(name: "Host", swiftSettings: strict),
        .target(name: "Serving", dependencies: ["Host"], swiftSettings: strict),
        .executableTarget(name: "MesosMaster", dependencies: ["Flags", "Host", "Serving"], swiftSettings: strict),
        .executableTarget(name: "MesosAgent", dependencies: ["Flags", "Host", "Serving"], swiftSettings: strict),
        .executableTarget(name: "Marathon", dependencies: ["Host", "Serving"], swiftSettings: strict),
    ]
)
