import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// What changes do to sessions that stand, with packets on their way.
@Suite(.serialized) struct SessionTests {
    @Test(arguments: WireGuardImplementation.preferred)
    func aChangeOfOnePeerOfAThousandLeavesTheOthersAsTheyAre(by implementation: WireGuardImplementation) async throws {
        try await withDevices(2, by: implementation) { devices in
            let device = devices[0]
            try await device.meet(devices[1])
            let peers = try (1...999).map {
                try examplePeer($0, allowedIPs: ["10.\($0 / 250 + 1).\($0 % 250).0/24", "fd00:\($0)::/64"])
            }
            let writes = device.backend.writes
            try await device.configure(peers.map { .addPeer(interface: "wg0", $0, endpoint: nil) })
            #expect(device.backend.writes == writes + 1)

            let session = devices[1].key.publicKey
            let before = try await device.lines()
            #expect(before.count == 1000)
            let live = try #require(before["\(session)"]).split(separator: "\t")
            #expect(live[4] != "0", "a handshake took place")

            var update = PeerUpdate(node: "n", publicKey: peers[6].publicKey)
            update.endpoint = try socketAddress("192.0.2.7", 7)
            update.addAllowedIPs = [try cidr("10.9.0.0/16")]
            update.removeAllowedIPs = [peers[6].allowedIPs[0]]
            try await device.configure(.updatePeer(interface: "wg0", update))

            let after = try await device.lines()
            let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
            // The counters of a live session move by themselves: keepalives.
            #expect(changed.subtracting(["\(session)"]) == ["\(peers[6].publicKey)"])
            #expect(try #require(after["\(session)"]).split(separator: "\t").prefix(5) == live.prefix(5))

            // The observation agrees with the program, figures of the live session included.
            var observed = try #require(try await device.observed().peers[session])
            try await waitUntil("the observation lies between two equal lines of the program") {
                let line = try await device.lines()["\(session)"]
                observed = try #require(try await device.observed().peers[session])
                guard let line, try await device.lines()["\(session)"] == line else { return false }
                let fields = line.split(separator: "\t").map(String.init)
                #expect(String(observed.latestHandshake) == fields[4])
                #expect(String(observed.receivedBytes) == fields[5])
                #expect(String(observed.transmittedBytes) == fields[6])
                return true
            }
            #expect(observed.receivedBytes > 0 && observed.transmittedBytes > 0)
        }
    }

    @Test(arguments: WireGuardImplementation.preferred)
    func removalsOfAllowedIPsLoseNoPacketOfThePeer(by implementation: WireGuardImplementation) async throws {
        try await withDevices(2, by: implementation) { devices in
            let device = devices[0]
            try await device.meet(devices[1])
            let peer = devices[1].key.publicKey
            async let pings = device.host.run("ping -c 400 -w 60 -i 0.005 10.0.0.2 || true")
            for number in 0..<100 {
                var update = PeerUpdate(node: "n", publicKey: peer)
                update.addAllowedIPs = [try cidr("10.3.0.\(number)/32")]
                try await device.configure(.updatePeer(interface: "wg0", update))
                update.removeAllowedIPs = update.addAllowedIPs
                update.addAllowedIPs = []
                try await device.configure(.updatePeer(interface: "wg0", update))
            }
            // With a time limit it goes on until it has 400 answers, those to the first 400 when none is lost; without, it
            // hardly waits for the last ones.
            let numbers = try await pings.split(separator: "\n").compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("icmp_seq=") }.flatMap { Int($0.dropFirst(9)) }
            }
            #expect(Set(1...400).subtracting(numbers).isEmpty)
            #expect(try await device.observed().peers[peer]?.allowedIPs == [try cidr("10.0.0.2/32")])
            #expect(try await device.observed().peers.count == 1)
        }
    }

    /// Counted where they arrive: an answer that is on its way while its address moves is rightly refused.
    @Test(arguments: WireGuardImplementation.preferred)
    func anAllowedIPThatMovesIsNeverWithoutAnOwner(by implementation: WireGuardImplementation) async throws {
        try await withDevices(3, by: implementation) { devices in
            let device = devices[0]
            for number in 1...2 {
                try await device.meet(devices[number], number: number)
                try await devices[number].host.run("ip addr add 10.0.0.9/32 dev wg0")
            }
            func owner(_ number: Int) throws -> KernelChange {
                .updatePeer(
                    interface: "wg0",
                    PeerUpdate(
                        node: "n", publicKey: devices[number].key.publicKey, addAllowedIPs: [try cidr("10.0.0.9/32")]))
            }
            func arrived(_ number: Int) async throws -> Int {
                let text = try await devices[number].host.run(
                    "awk '/^Icmp:/ { echoes = $10 } END { print echoes }' /proc/net/snmp")
                return try #require(Int(text.split(separator: "\n").first ?? ""))
            }
            try await device.configure(try owner(1))
            let before = (try await arrived(1), try await arrived(2))
            async let pings = device.host.run("ping -q -c 400 -i 0.01 10.0.0.9 || true")
            var after = before
            try await waitUntil("all have arrived at one or the other") {
                for number in [2, 1, 2, 1, 2, 1] { try await device.configure(try owner(number)) }
                after = (try await arrived(1), try await arrived(2))
                return after.0 - before.0 + after.1 - before.1 == 400
            }
            #expect(after.0 > before.0 && after.1 > before.1, "it did move")
            #expect(try await pings.contains("400 packets transmitted"))
        }
    }
}
