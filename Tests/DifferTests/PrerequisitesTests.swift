import Convergence
import FleetModel
import HostState
import NetAddress
import NetworkState
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
        #expect(prerequisites.forbids(.addRoute(DesiredRoute(destination: destination, interface: "wg0"))))
        #expect(!prerequisites.forbids(.addRoute(DesiredRoute(destination: other, interface: "wg0"))))
    }

    @Test func theOldWayStaysUntilTheNewOneIsThere() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(
            .replaceRoute(
                DesiredRoute(destination: destination, interface: "wg1"), before: standing(destination, on: "wg0")))
        let links = ["wg0", "wg1"].map { ObservedLink(index: 1, name: $0, kind: "wireguard", mtu: 1420, isUp: true) }
        #expect(links.map { prerequisites.forbids(.deleteLink($0)) } == [true, false])
        #expect(prerequisites.forbids(.deleteRoute(standing(destination, on: "wg0"))))
        #expect(!prerequisites.forbids(.deleteRoute(standing(other, on: "wg0"))))
    }

    @Test func aPeerIsRemovedWhateverFailsUnlessItHasWhatIsMissing() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(.addPeer(interface: "wg0", try peer(destination), endpoint: nil))
        let peers = [destination, other].compactMap { allowed in
            RandomFleet.key(2).map { ObservedPeer(publicKey: $0, allowedIPs: [allowed]) }
        }
        #expect(peers.map { prerequisites.forbids(.removePeer(interface: "wg0", $0)) } == [true, false])
    }

    /// A slice of 16 addresses becomes two of 8, which the device refuses.
    @Test func aDividedPrefixKeepsItsOldWay() throws {
        let key = try #require(RandomFleet.key(1))
        let whole = try CIDR(parsing: "10.0.0.16/28")
        let halves = [try CIDR(parsing: "10.0.0.16/29"), try CIDR(parsing: "10.0.0.24/29")]
        var prerequisites = Prerequisites()
        prerequisites.failed(
            .updatePeer(interface: "wg0", PeerUpdate(node: "n1", publicKey: key, addAllowedIPs: halves)))
        for half in halves {
            let addition = KernelChange.addRoute(DesiredRoute(destination: half, interface: "wg0"))
            #expect(prerequisites.forbids(addition))
            prerequisites.failed(addition)
        }
        #expect(prerequisites.forbids(.deleteRoute(standing(whole, on: "wg0"))))
        let removals = [whole, try CIDR(parsing: "10.0.0.32/28")].map { prefix in
            KernelChange.updatePeer(
                interface: "wg0", PeerUpdate(node: "n1", publicKey: key, removeAllowedIPs: [prefix]))
        }
        #expect(removals.map(prerequisites.forbids) == [true, false])
    }

    /// Two prefixes become one around them.
    @Test func joinedPrefixesKeepTheirOldWay() throws {
        var prerequisites = Prerequisites()
        prerequisites.failed(
            .addRoute(DesiredRoute(destination: try CIDR(parsing: "10.0.0.0/24"), interface: "wg0")))
        #expect(prerequisites.forbids(.deleteRoute(standing(destination, on: "wg0"))))
        #expect(prerequisites.forbids(.deleteRoute(standing(try CIDR(parsing: "0.0.0.0/0"), on: "wg0"))))
        #expect(!prerequisites.forbids(.deleteRoute(standing(try CIDR(parsing: "10.0.1.0/24"), on: "wg0"))))
        #expect(!prerequisites.forbids(.deleteRoute(standing(try CIDR(parsing: "::/0"), on: "wg0"))))
    }

    /// The kernel deletes the routes that have an address for their source together with it.
    @Test func aSourceStaysWithTheRoutesThatHaveIt() {
        let sources = [1, 2, 3].map { IPAddress(v4: 0x0a00_0000 + $0) }
        var before = standing(destination, on: "wg0")
        before.preferredSource = sources[0]
        var prerequisites = Prerequisites()
        prerequisites.failed(.replaceRoute(DesiredRoute(destination: destination, interface: "wg0"), before: before))
        var old = before
        old.metric = 5
        old.preferredSource = sources[1]
        prerequisites.failed(.deleteRoute(old))
        // One whose place no other is to take may go with its source.
        var stuck = standing(other, on: "wg0")
        stuck.preferredSource = sources[2]
        prerequisites.failed(.deleteRoute(stuck))
        let deletions = sources.map { source in
            KernelChange.deleteAddress(ObservedAddress(interface: "wg0", address: source, prefixLength: 32))
        }
        #expect(deletions.map(prerequisites.forbids) == [true, true, false])
    }
}
