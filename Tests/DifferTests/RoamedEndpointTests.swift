import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// The endpoint of a silent peer is written again; whether somebody else changed it shows only before its first handshake.
@Suite struct RoamedEndpointTests {
    @Test func onlyAPeerThatHasHadAHandshakeMayHaveRoamed() throws {
        #expect(try update(latestHandshake: 1000)?.mayHaveRoamed == true)
        let byHand = try #require(try update(latestHandshake: 0))
        #expect(!byHand.mayHaveRoamed && byHand.isEndpointOnly)
        #expect(byHand.endpointBefore?.description == "[2001:db8::1]:51820")
    }

    private func update(latestHandshake: Int64) throws -> PeerUpdate? {
        let own = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 2, count: 32)))
        let peer = DesiredPeer(
            node: "host-b", publicKey: key, endpoint: Endpoint("192.168.1.20:51820"), persistentKeepalive: 0,
            allowedIPs: [], probeAddresses: [])
        var desired = DesiredKernel()
        desired.devices = [
            DesiredDevice(interface: "wg0", overlay: "net", listenPort: 51820, publicKey: own, peers: [peer])
        ]
        var observed = ObservedKernel()
        let moved = SocketAddress(address: try #require(IPAddress("2001:db8::1")), port: 51820)
        observed.devices["wg0"] = ObservedDevice(
            interface: "wg0", backend: .kernel, publicKey: own, listenPort: 51820,
            peers: [key: ObservedPeer(publicKey: key, endpoint: moved, latestHandshake: latestHandshake)])
        let set = Differ.kernelChanges(
            from: observed, to: desired, inventory: Inventory(),
            context: KernelContext(clock: HandshakeClock(now: 5000)))
        return set.changes.compactMap { if case .updatePeer(_, let update) = $0 { update } else { nil } }.first
    }
}
