import HostState
import NetAddress
import Testing

/// Values in which every field is set, to something that is not its default.
enum CanonicalSamples {
    static func container() throws -> DesiredContainer {
        var container = DesiredContainer(name: "pod-a", node: "host-a", image: "example.com/app:1")
        container.networks = [
            DesiredContainer.Attachment(
                network: "office", bridge: "br-office",
                addresses: [try #require(IPAddress("10.0.0.20")), try #require(IPAddress("fd00::20"))],
                macAddress: try #require(MACAddress("02:00:00:00:00:14")))
        ]
        container.pullPolicy = .always
        container.entrypoint = ["/bin/app"]
        container.arguments = ["--verbose", "a/b"]
        container.workingDirectory = "/srv"
        container.environment = [
            "CONFIG": .file(path: "/etc/app/secret"), "MODE": .literal("fast"),
            "PASSWORD": .podmanSecret(name: "app-password"),
        ]
        container.ports = [
            DesiredContainer.PortMapping(
                containerPort: 80, hostPort: 8080, hostIP: IPAddress("192.168.1.10"), transport: "tcp")
        ]
        container.mounts = [
            DesiredContainer.Mount(source: .hostPath("/srv/app"), mountPath: "/etc/app", isReadOnly: true),
            DesiredContainer.Mount(source: .volume("app-data"), mountPath: "/data", isReadOnly: false),
        ]
        container.restartPolicy = .onFailure
        container.stopTimeout = 3
        container.cpuLimitMilli = 1500
        container.memoryLimit = 268_435_456
        container.isPrivileged = true
        container.addCapabilities = ["NET_RAW", "SYS_TIME"]
        container.dropCapabilities = ["CHOWN"]
        container.user = "1000:1000"
        container.isRootReadOnly = true
        container.healthCheck = DesiredContainer.HealthCheck(
            command: ["/bin/check", "-q"], interval: 30, timeout: 2, startPeriod: 5, retries: 3)
        container.ulimits = [DesiredContainer.Ulimit(name: "nofile", soft: 4096, hard: 8192)]
        container.labels = ["team": "core"]
        return container
    }

    static func network() throws -> DesiredNetwork {
        DesiredNetwork(
            name: "office", overlay: "office-net", bridge: "br-office",
            subnets: [
                DesiredNetwork.Subnet(
                    subnet: try #require(CIDR("10.0.0.0/24")), gateway: try #require(IPAddress("10.0.0.1")),
                    leaseRange: DesiredNetwork.LeaseRange(
                        first: try #require(IPAddress("10.0.0.128")), last: try #require(IPAddress("10.0.0.191"))))
            ], mtu: 1420, isDNSEnabled: true)
    }
}
