import HostState
import NetAddress
import NetworkState
import Testing

@testable import WireGuard

/// How changes become one configuration.
@Suite struct DevicePlanTests {
    private func update(_ number: Int, add: [String] = [], remove: [String] = []) throws -> KernelChange {
        .updatePeer(
            interface: "wg0",
            PeerUpdate(
                node: "n", publicKey: try examplePublicKey(number), addAllowedIPs: try add.map(cidr),
                removeAllowedIPs: try remove.map(cidr)))
    }

    private func peers(_ changes: [KernelChange], isInPlace: Bool = false) throws -> [PeerConfiguration] {
        let plan = try #require(DevicePlan.gather(changes).first)
        return try plan.configuration(key: nil, throwaway: isInPlace ? nil : try examplePublicKey(99)).peers
    }

    @Test func anAllowedIPIsTakenAwayThroughAPeerThatIsRemoved() throws {
        let throwaway = try examplePublicKey(99)
        #expect(
            try peers([update(1, add: ["10.0.0.1/32"], remove: ["10.0.0.3/32", "10.0.0.2/32"])]) == [
                PeerConfiguration(.update, try examplePublicKey(1), allowedIPs: [try cidr("10.0.0.1/32")]),
                PeerConfiguration(.add, throwaway, allowedIPs: [try cidr("10.0.0.2/32"), try cidr("10.0.0.3/32")]),
                PeerConfiguration(.remove, throwaway),
            ])
    }

    @Test func anAllowedIPIsTakenAwayByItsOwnPeerWhereTheDeviceCan() throws {
        let changes = [
            try update(1, add: ["10.0.0.1/32"], remove: ["10.0.0.3/32", "10.0.0.2/32"]),
            try update(2, add: ["10.0.0.3/32"]),
        ]
        #expect(
            try peers(changes, isInPlace: true) == [
                PeerConfiguration(
                    .update, try examplePublicKey(1), allowedIPs: [try cidr("10.0.0.1/32")],
                    removedAllowedIPs: [try cidr("10.0.0.2/32")]),
                PeerConfiguration(.update, try examplePublicKey(2), allowedIPs: [try cidr("10.0.0.3/32")]),
            ])
    }

    @Test(arguments: [false, true])
    func whatAnotherChangeAddsIsMovedAndNeverOwnerless(isInPlace: Bool) throws {
        let changes = [try update(1, remove: ["10.0.0.2/32"]), try update(2, add: ["10.0.0.2/32"])]
        for order in [changes, changes.reversed()] {
            #expect(try #require(DevicePlan.gather(order).first).takesAllowedIPsAway == false)
            #expect(
                try peers(order, isInPlace: isInPlace).allSatisfy {
                    $0.publicKey != (try? examplePublicKey(99)) && $0.removedAllowedIPs.isEmpty
                })
        }
        #expect(try #require(DevicePlan.gather(Array(changes.prefix(1))).first).takesAllowedIPsAway)
    }

    @Test func changesAreGatheredByDeviceInTheirOrder() throws {
        func remove(_ interface: String, _ number: Int) throws -> KernelChange {
            .removePeer(interface: interface, ObservedPeer(publicKey: try examplePublicKey(number)))
        }
        let plans = DevicePlan.gather([
            try remove("b", 1), .setSysctl(DesiredSysctl(key: "k", value: "v"), before: nil), try remove("a", 2),
            try remove("b", 3),
        ])
        #expect(plans.map(\.interface) == ["b", "a"])
        #expect(plans.map(\.indices) == [[0, 3], [2]])
    }

    @Test func aDeviceIsConfiguredWithTheRightKeyOnly() throws {
        let key = try PrivateKey.generate()
        let plan = try #require(
            DevicePlan.gather([.configureDevice(interface: "wg0", publicKey: key.publicKey, listenPort: 7, fwmark: 9)])
                .first)
        let throwaway = try examplePublicKey(99)
        let configuration = try plan.configuration(key: key, throwaway: throwaway)
        #expect(configuration.listenPort == 7 && configuration.fwmark == 9)
        #expect(throws: WireGuardError.keyMissing(interface: "wg0")) {
            try plan.configuration(key: nil, throwaway: throwaway)
        }
        let other = try PrivateKey.generate()
        #expect(
            throws: WireGuardError.keyMismatch(interface: "wg0", wanted: key.publicKey, given: other.publicKey)
        ) { try plan.configuration(key: other, throwaway: throwaway) }
    }
}
