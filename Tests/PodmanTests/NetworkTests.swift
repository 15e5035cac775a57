import HostState
import NetAddress
import Podman
import PodmanState
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct NetworkTests {
    @Test func readsBackWhatItCreated() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            let desired = try sampleNetwork(leases: 128...191)
            try await backend.apply(.createNetwork(desired))
            let observed = try #require(try await backend.observe(images: []).networks["overlay_net"])
            #expect(observed.bridge == "br-test")
            #expect(observed.subnets == desired.subnets)
            #expect(observed.mtu == 1420)
            #expect(observed.isDNSEnabled == false)
            #expect(observed.labels["dev.wgctl.overlay"] == "overlay-net")
            #expect(observed.labels["dev.wgctl.spec-hash"] == desired.specHash)
            #expect(await reason { try await backend.apply(.createNetwork(desired)) } != nil)

            try await backend.apply(.removeNetwork(name: "overlay_net"))
            try await backend.apply(.removeNetwork(name: "overlay_net"))
            #expect(try await backend.observe(images: []).networks["overlay_net"] == nil)
        }
    }

    @Test func handStartedContainersTakeOnlyTheLeaseRange() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await backend.apply(.createNetwork(try sampleNetwork(leases: 128...129)))
            try await backend.apply(.createContainer(try sampleContainer()))
            // The IPv6 subnet has no range: Podman can give nothing away there, so both addresses are named.
            await #expect(throws: TestFailure.self) {
                try await host.podman("run", "-d", "--name", "unnamed", "--network", "overlay_net", PodmanHost.image)
            }
            try await host.podman(
                "run", "-d", "--name", "named", "--network", "overlay_net", "--ip", "10.0.0.200", "--ip6",
                "fd00:10::200",
                PodmanHost.image)
            let named = try #require(try await backend.container("named"))
            #expect(named.addresses == [try address("10.0.0.200"), try address("fd00:10::200")])
        }
    }

    @Test func anIPv4RangeIsHandedOut() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            var network = try sampleNetwork(leases: 128...129)
            network.subnets.removeLast()
            try await backend.apply(.createNetwork(network))
            let name = try await host.podman(
                "run", "-d", "--name", "guest", "--network", "overlay_net", PodmanHost.image)
            #expect(!name.isEmpty)
            let guest = try #require(try await backend.container("guest"))
            #expect(guest.addresses.isSubset(of: [try address("10.0.0.128"), try address("10.0.0.129")]))
            #expect(guest.addresses.count == 1)
            // A foreign container keeps the network: it is not forced away.
            #expect(await reason { try await backend.apply(.removeNetwork(name: "overlay_net")) } != nil)
            #expect(try await backend.container("guest")?.state == .running)
            try await host.podman("rm", "--force", "--time", "0", "guest")
            try await backend.apply(.removeNetwork(name: "overlay_net"))
        }
    }

    @Test func noRangeHandsOutNothing() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            var network = try sampleNetwork()
            network.subnets.removeLast()
            try await backend.apply(.createNetwork(network))
            #expect(try await backend.observe(images: []).networks["overlay_net"]?.subnets == network.subnets)
            await #expect(throws: TestFailure.self) {
                try await host.podman("run", "-d", "--name", "guest", "--network", "overlay_net", PodmanHost.image)
            }
            try await backend.apply(.createContainer(try sampleContainer(addresses: ["10.0.0.10"])))
            #expect(try await backend.container("pod-a")?.state == .running)
        }
    }

    @Test func aSubnetInUseIsToldWithItsUser() async throws {
        try await PodmanHost.with { host in
            let backend = try host.backend()
            try await host.shell("ip address add 10.0.0.1/32 dev lo")
            let network = try sampleNetwork()
            guard
                case .subnetInUse("10.0.0.0/24", let byInterface) = await reason(of: {
                    try await backend.apply(.createNetwork(network))
                })
            else {
                Issue.record("refused for the interface's address")
                return
            }
            #expect(byInterface.contains("an interface of this host"))
            try await host.shell("ip address delete 10.0.0.1/32 dev lo")
            try await host.podman("network", "create", "--subnet", "10.0.0.0/25", "foreign")
            guard
                case .subnetInUse("10.0.0.0/24", let byNetwork) = await reason(of: {
                    try await backend.apply(.createNetwork(network))
                })
            else {
                Issue.record("refused for the other network")
                return
            }
            #expect(byNetwork == "Podman network foreign overlaps it")
            let id = try await host.podman("network", "inspect", "--format", "{{.ID}}", "foreign")
            host.foreign.withLock { _ = $0.insert(id) }
            #expect(await reason { try await backend.apply(.removeNetwork(name: "foreign")) } == .foreign)
        }
    }
}
