import HostState
import NetAddress
import Testing

@testable import Daemon

@Suite struct PeerMonitorTests {
    /// Without our own address there is nothing to ask from: the monitor must wait to be woken, not spin.
    @Test func aPeerThatCannotBeAskedYetIsNotDue() async throws {
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
        let own = try #require(IPAddress("10.0.0.1"))
        let peer = DesiredPeer(
            node: "host-b", publicKey: key, endpoint: nil, persistentKeepalive: 0, allowedIPs: [],
            probeAddresses: [try #require(IPAddress("10.0.0.2"))])
        let world = World()
        world.mutate { state in
            state.desired.kernel.devices = [
                DesiredDevice(interface: "wg0", overlay: "net", listenPort: 51820, publicKey: nil, peers: [peer])
            ]
            state.desired.kernel.addresses = [DesiredAddress(interface: "wg0", address: own, prefixLength: 32)]
            var kernel = ObservedKernel()
            kernel.links["wg0"] = ObservedLink(index: 1, name: "wg0", kind: "wireguard", mtu: 1420, isUp: true)
            kernel.devices["wg0"] = ObservedDevice(
                interface: "wg0", backend: .kernel, publicKey: nil, listenPort: 51820,
                peers: [key: ObservedPeer(publicKey: key)])
            state.kernel = kernel
        }
        let monitor = PeerMonitor(world: world) {}
        let blind = await monitor.due(at: .now)
        #expect(blind.targets.isEmpty && blind.next == nil)
        world.mutate { state in
            state.kernel?.addresses = [ObservedAddress(interface: "wg0", address: own, prefixLength: 32)]
        }
        #expect(await monitor.due(at: .now).targets.count == 1)
    }
}
