// swift-tools-version: 6.2
import PackageDescription

// The layers of docs/architecture.md: a target depends only on targets of the sections above it.
// scripts/check-layers fails when an arrow runs back up.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// - Parameter folder: below Sources; nil for that of the target's name.
func target(
    _ name: String, at folder: String? = nil, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder ?? name)", resources: resources,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let nioHTTP: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let algorithms = Target.Dependency.product(name: "Algorithms", package: "swift-algorithms")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "wgctl",
    products: [.executable(name: "wgctl", targets: ["wgctl"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // 0: the C libraries as they are
        .systemLibrary(name: "CMnl", path: "Sources/Base/CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(
            name: "CSodium", path: "Sources/Base/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/Base/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CLinux", path: "Sources/Base/CLinux"),

        // 1: values and text
        target("NetAddress", at: "Base/NetAddress", []),
        target("JSON", at: "Base/JSON", []),
        target("Convergence", ["NetAddress"]),
        target("Manifest", at: "Documents/Manifest", ["CYAML"]),
        target(
            "Schema", at: "Documents/Schema", ["JSON", "NetAddress", "Manifest"], resources: [.embedInCode("crds")]),

        // 2: what is asked for, and what a host can have
        target(
            "Resources", at: "Documents/Resources",
            ["JSON", "NetAddress", "Convergence", "Manifest", "Schema", algorithms]),
        target("HostState", ["NetAddress", "Convergence", "CSodium", algorithms]),

        // 3: pure functions between them
        target(
            "HostPolicy", at: "Documents/HostPolicy",
            ["JSON", "NetAddress", "Convergence", "Manifest", "Schema", "Resources", "HostState"],
            resources: [.embedInCode("hostpolicy.yaml")]),
        target("Planner", ["NetAddress", "Manifest", "Resources", "HostState"]),
        target("NetworkState", at: "Backends/Network/State", ["NetAddress", "Convergence", "HostState", algorithms]),
        target("PodmanState", at: "Backends/Podman/State", ["NetAddress", "Convergence", "HostState"]),
        target("FirewallState", at: "Backends/Firewall/State", ["NetAddress", "Convergence", "HostState"]),
        target("Import", ["CSodium", "NetAddress", "Manifest", "Resources"]),
        target("Doctor", at: "Inspection/Doctor", ["JSON", "NetAddress", "HostState"]),

        // 4: system calls
        target("Descriptors", at: "Base/Descriptors", ["CLinux"]),

        // 5: wire protocols
        target("Netlink", at: "Wire/Netlink", ["CMnl", "CLinux", "Descriptors"]),
        target("UnixHTTP", at: "Wire/UnixHTTP", ["Descriptors"] + nioHTTP),

        // 6: one backend each
        target(
            "RouteNetlink", at: "Backends/Network/RouteNetlink",
            ["CLinux", "NetAddress", "Convergence", "HostState", "NetworkState", "Descriptors", "Netlink"]),
        target(
            "WireGuard", at: "Backends/Network/WireGuard",
            ["CLinux", "CSodium", "NetAddress", "HostState", "NetworkState", "Descriptors", "Netlink"]),
        target(
            "Podman", at: "Backends/Podman/Client",
            ["CSodium", "NetAddress", "HostState", "PodmanState", "Descriptors", "UnixHTTP"]),
        target(
            "Firewall", at: "Backends/Firewall/Client",
            ["CLinux", "JSON", "NetAddress", "Convergence", "HostState", "FirewallState", "Descriptors", "Netlink"]),
        target("Probes", at: "FactSources/Probes", ["CLinux", "NetAddress", "Descriptors"]),
        target("ManifestWatch", at: "FactSources/ManifestWatch", ["CLinux", "Descriptors", algorithms]),
        target(
            "Records",
            [
                "NetAddress", "Convergence", "Resources", "HostState", "Descriptors",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        target(
            "Inspection", at: "Inspection/Facts",
            ["CLinux", "HostState", "Doctor", "Descriptors", "RouteNetlink", "WireGuard", "Podman", "ManifestWatch"]),

        // 7: the loop, and what wgctl and wgd say to each other
        target("Reconciler", ["Convergence", "HostState", "Descriptors", logging]),
        target(
            "NetworkLane", at: "Backends/Network/Lane",
            [
                "NetAddress", "Convergence", "Resources", "HostState", "NetworkState", "RouteNetlink", "WireGuard",
                "Probes", "Reconciler",
            ]),
        target(
            "PodmanLane", at: "Backends/Podman/Lane",
            ["Convergence", "Resources", "HostState", "NetworkState", "PodmanState", "Podman", "Reconciler"]),
        target(
            "FirewallLane", at: "Backends/Firewall/Lane",
            [
                "NetAddress", "Convergence", "Resources", "HostState", "FirewallState", "Firewall", "Podman",
                "Reconciler",
            ]),
        target("ControlAPI", ["JSON", "NetAddress", "Convergence", "Manifest", "Resources", "UnixHTTP"]),

        // 8: wiring
        target(
            "Daemon",
            [
                "CLinux", "NetAddress", "Manifest", "Resources", "HostState", "HostPolicy", "Planner",
                "Convergence", "NetworkState", "PodmanState", "FirewallState", "Descriptors",
                "RouteNetlink", "WireGuard", "Podman", "Firewall", "Probes", "ManifestWatch", "Records", "Reconciler",
                "NetworkLane", "PodmanLane", "FirewallLane", "ControlAPI",
                logging, .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        target("Lab", ["NetAddress", "Manifest", "Resources", "Descriptors", "ManifestWatch", "ControlAPI"]),
        target(
            "Commands",
            [
                "JSON", "NetAddress", "Convergence", "Manifest", "Schema", "Resources", "HostState", "HostPolicy",
                "Planner", "Import",
                "Doctor", "Descriptors", "Probes", "ManifestWatch", "Records", "Inspection", "ControlAPI", "Daemon",
                "Lab", argumentParser, logging,
            ]),

        // 9: @main only
        .executableTarget(name: "wgctl", dependencies: ["Commands"], swiftSettings: settings),

        // Tests: what they share, then one target a module, then the real thing
        .target(
            name: "TestSupport", dependencies: ["CLinux", "JSON", "Descriptors"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "ReferenceLiterals", dependencies: ["Convergence"], path: "Tests/ReferenceLiterals",
            swiftSettings: settings),
        .target(
            name: "FleetModel", dependencies: ["NetAddress", "Resources", "HostState", "Planner"],
            path: "Tests/FleetModel", swiftSettings: settings),
        .executableTarget(
            name: "bench", dependencies: ["Manifest", "ManifestWatch", "Resources", "HostState", "Planner"],
            path: "Tests/Bench", exclude: ["Engine"], swiftSettings: settings),
        .target(
            name: "ManifestTrials", dependencies: ["NetAddress", "Manifest", "Resources", "HostState", "Planner"],
            path: "Tests/ManifestTrials", exclude: ["Corpus", "Fleet"], swiftSettings: settings),
        tests(
            "RobustnessTests",
            ["ManifestTrials", "Manifest", "NetAddress", "Resources", "HostState", "Planner", "TestSupport", "wgctl"]),
        tests("JSONTests", ["JSON"]),
        tests("NetAddressTests", ["NetAddress"]),
        tests("ManifestTests", ["Manifest", "TestSupport"], exclude: ["Golden"]),
        tests("SchemaTests", ["JSON", "Manifest", "Schema", "TestSupport"], exclude: ["Golden", "Keywords"]),
        tests(
            "ResourcesTests",
            ["FleetModel", "JSON", "NetAddress", "Manifest", "Schema", "Resources", "HostPolicy", "TestSupport"],
            exclude: ["Golden", "Documents"]),
        tests("HostStateTests", ["Convergence", "FleetModel", "NetAddress", "HostState"]),
        tests(
            "HostPolicyTests",
            [
                "ReferenceLiterals", "FleetModel", "Convergence", "HostPolicy", "Manifest", "NetAddress", "Resources",
                "HostState", "Schema", "TestSupport",
            ],
            exclude: ["Golden"]),
        tests(
            "PlannerTests",
            ["FleetModel", "Planner", "Manifest", "NetAddress", "Resources", "HostState", "TestSupport"],
            exclude: ["Golden"]),
        tests(
            "DifferTests",
            [
                "ReferenceLiterals",
                "Convergence", "NetworkState", "PodmanState", "FirewallState", "FleetModel", "Planner", "NetAddress",
                "Resources", "HostState", "TestSupport",
            ],
            exclude: ["Golden"]),
        tests("ImportTests", ["Import", "Manifest", "NetAddress", "Resources", "TestSupport"], exclude: ["Golden"]),
        tests(
            "DoctorTests", ["Doctor", "HostState", "NetAddress", "TestSupport"], exclude: ["Golden", "Rulesets"]),
        tests("DescriptorsTests", ["Descriptors", "CLinux", "TestSupport"]),
        tests("NetlinkTests", ["Netlink", "CLinux", "Descriptors", "TestSupport"]),
        tests("UnixHTTPTests", ["UnixHTTP", "TestSupport"]),
        tests(
            "RouteNetlinkTests",
            [
                "RouteNetlink", "Netlink", "NetworkState", "HostState", "NetAddress", "CLinux", "Descriptors",
                "TestSupport",
            ]),
        tests(
            "WireGuardTests",
            ["WireGuard", "NetAddress", "HostState", "NetworkState", "Descriptors", "Netlink", "TestSupport"]),
        tests("FirewallTests", ["Firewall", "FirewallState", "HostState", "NetAddress", "TestSupport"]),
        tests("ProbesTests", ["Probes", "NetAddress", "TestSupport"]),
        tests("PodmanTests", ["Podman", "PodmanState", "UnixHTTP", "HostState", "NetAddress", "TestSupport"]),
        tests("ManifestWatchTests", ["ManifestWatch", "FleetModel", "TestSupport"]),
        tests("InspectionTests", ["Inspection", "Doctor", "TestSupport"]),
        tests(
            "RecordsTests",
            [
                "ReferenceLiterals", "Convergence",
                "Records", "NetAddress", "Manifest", "Resources", "HostState", "Planner", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            "ReconcilerTests",
            [
                "ReferenceLiterals", "Convergence", "NetworkState", "PodmanState", "Reconciler", "HostState",
                "NetAddress", logging,
            ]),
        tests(
            "ControlAPITests",
            [
                "ReferenceLiterals", "ControlAPI", "Descriptors", "JSON", "NetAddress", "Resources", "UnixHTTP",
                "TestSupport",
            ]),
        tests(
            "DaemonTests",
            [
                "ReferenceLiterals",
                "Convergence", "ControlAPI", "Daemon", "FirewallLane", "FirewallState", "NetworkLane", "PodmanLane",
                "FleetModel", "HostPolicy", "HostState",
                "ManifestWatch",
                "NetAddress", "Netlink", "NetworkState", "Planner", "PodmanState", "Reconciler", "Records", "Resources",
                "RouteNetlink",
                "TestSupport", "WireGuard", logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests("LabTests", ["Lab", "NetAddress", "Resources", "ControlAPI", "TestSupport", "wgctl"]),
        tests(
            "CommandsTests",
            [
                "ReferenceLiterals", "Convergence",
                "Commands", "ControlAPI", "Daemon", "Descriptors", "Doctor", "JSON", "Manifest", "NetAddress", "Probes",
                "Records",
                "Resources", "Schema", "TestSupport", "wgctl", argumentParser, logging,
            ],
            exclude: ["Golden"]),
        tests("TunnelTests", ["TestSupport", "wgctl"]),
        tests("EndToEndTests", ["TestSupport", "wgctl"], exclude: ["Fixtures"]),
    ]
)

// `make fuzz` alone builds it: libFuzzer brings the main function.
if Context.environment["WGCTL_FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "fuzzer", dependencies: ["ManifestTrials"], path: "Tests/Fuzzer", exclude: ["yaml.dict"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
