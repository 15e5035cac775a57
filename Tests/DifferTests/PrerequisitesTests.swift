import Differ
import FleetModel
import HostState
import NetAddress
import Testing

@Suite struct PrerequisitesTests {
    private let destination = IPAddress(v4: 0x0a00_0014).hostCIDR
    private let other = IPAddress(v4: 0x0a00_0015).hostCIDR

    private func peer(_ allowedIPs: CIDR...) throws -> DesiredPeer {
        DesiredPeer(
            node: "n1", publicKey: try #require(RandomFleet.key(1)), endpoint: nil, persistentKeepalive: 0,
            allowedIPs: allowedIPs, probeAddresses: [])
    }

    private func standing(_ destination: CIDR, on interface: String) -> ObservedRoute {
        ObservedRoute(destination: destination, interface: interface, protocolNumber: 87, metric: 0)
    }

    @Test func aRouteWaitsForItsAllowedIPAndNoOtherDoes() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(.addPeer(interface: "wg0", try peer(destination), endpoint: nil))
        #expect(prerequisites.hold(.addRoute(DesiredRoute(destination: destination, interface: "wg0"))))
        #expect(!prerequisites.hold(.addRoute(DesiredRoute(destination: other, interface: "wg0"))))
    }

    @Test func theOldWayStaysUntilTheNewOneIsThere() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(
            .replaceRoute(
                DesiredRoute(destination: destination, interface: "wg1"), before: standing(destination, on: "wg0")))
        let links = ["wg0", "wg1"].map { ObservedLink(index: 1, name: $0, kind: "wireguard", mtu: 1420, isUp: true) }
        #expect(links.map { prerequisites.hold(.deleteLink($0)) } == [true, false])
        #expect(prerequisites.hold(.deleteRoute(standing(destination, on: "wg0"))))
        #expect(!prerequisites.hold(.deleteRoute(standing(other, on: "wg0"))))
    }

    @Test func aPeerIsRemovedWhateverFailsUnlessItHasWhatIsMissing() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(.addPeer(interface: "wg0", try peer(destination), endpoint: nil))
        let peers = [destination, other].compactMap { allowed in
            RandomFleet.key(2).map { ObservedPeer(publicKey: $0, allowedIPs: [allowed]) }
        }
        #expect(peers.map { prerequisites.hold(.removePeer(interface: "wg0", $0)) } == [true, false])
    }
}
