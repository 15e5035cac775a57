import HostState
import NetAddress
import Podman
import Testing

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

/// The network of the tests, on the host's bridge; dual stack.
func sampleNetwork(leases: ClosedRange<Int>? = nil, mtu: UInt32 = 1420) throws -> DesiredNetwork {
    let range = try leases.map {
        DesiredNetwork.LeaseRange(
            first: try address("10.0.0.\($0.lowerBound)"), last: try address("10.0.0.\($0.upperBound)"))
    }
    return DesiredNetwork(
        name: "overlay_net", overlay: "overlay-net", bridge: "br-test",
        subnets: [
            .init(subnet: try #require(CIDR("10.0.0.0/24")), gateway: try address("10.0.0.1"), leaseRange: range),
            .init(subnet: try #require(CIDR("fd00:10::/64")), gateway: try address("fd00:10::1")),
        ],
        mtu: mtu, isDNSEnabled: false)
}

func sampleContainer(
    _ name: String = "pod-a", addresses: [String] = ["10.0.0.10", "fd00:10::10"]
) throws -> DesiredContainer {
    var container = DesiredContainer(name: name, node: "host-a", image: PodmanHost.image)
    container.networks = [
        .init(
            network: "overlay_net", bridge: "br-test", addresses: try addresses.map { try address($0) },
            macAddress: MACAddress(derivedFrom: name))
    ]
    container.entrypoint = ["sleep"]
    container.arguments = ["1000"]
    container.stopTimeout = 1
    return container
}

extension PodmanClient {
    func container(_ name: String) async throws -> ObservedContainer? {
        try await observe(images: []).containers[name]
    }
}

/// The reason of the `PodmanError` that `body` ends with.
func reason(of body: () async throws -> Void) async -> PodmanError.Reason? {
    do { try await body() } catch { return (error as? PodmanError)?.reason }
    return nil
}
