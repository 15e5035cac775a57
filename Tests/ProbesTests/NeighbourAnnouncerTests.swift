import NetAddress
import TestSupport
import Testing

@testable import Probes

/// A bridge with a neighbour behind a port of it, whose entry for a moved address is stale.
@Suite(.serialized) struct NeighbourAnnouncerTests {
    private let bridgeMAC = "02:00:00:00:00:01"

    private func withBridge(_ body: (TestHost, TestHost) async throws -> Void) async throws {
        let (host, neighbour) = (try TestHost(), try TestHost())
        defer {
            host.remove()
            neighbour.remove()
        }
        try shell(
            """
            set -e
            ip -n \(host.name) link add br0 address \(bridgeMAC) type bridge
            ip -n \(host.name) link set br0 up
            ip -n \(host.name) link add port0 type veth peer name eth0 netns \(neighbour.name)
            ip -n \(host.name) link set port0 master br0 up
            ip -n \(neighbour.name) addr add 10.9.0.2/24 dev eth0
            ip -n \(neighbour.name) addr add fd09::2/64 dev eth0 nodad
            ip -n \(neighbour.name) link set eth0 up
            """)
        try await waitUntil("the port forwards") {
            try await host.run("bridge link show dev port0").contains("forwarding")
        }
        try await body(host, neighbour)
    }

    private func entry(_ neighbour: TestHost, _ address: String) async throws -> String {
        try await neighbour.run("ip neigh show \(address) dev eth0")
    }

    @Test(
        arguments: ["10.9.0.20", "fd09::20"], ["reachable", "stale"])
    func aStaleEntryIsUpdated(address: String, state: String) async throws {
        let destination = try #require(IPAddress(address))
        try await withBridge { host, neighbour in
            _ = try await neighbour.run(
                "ip neigh replace \(address) dev eth0 lladdr 02:00:00:00:00:aa nud \(state)")
            #expect(try await entry(neighbour, address).contains("02:00:00:00:00:aa"))
            try await host.run { try NeighbourAnnouncer().announce(destination, on: "br0") }
            try await waitUntil("the bridge's own address") {
                try await entry(neighbour, address).contains(bridgeMAC)
            }
            let container = try #require(MACAddress("02:00:00:00:00:bb"))
            try await host.run { try NeighbourAnnouncer().announce(destination, on: "br0", macAddress: container) }
            try await waitUntil("the container's address") {
                try await entry(neighbour, address).contains("02:00:00:00:00:bb")
            }
        }
    }

    @Test func whatCannotBeAnnouncedSaysWhy() async throws {
        let address = try #require(IPAddress("10.9.0.20"))
        try await withBridge { host, _ in
            for (interface, reason) in [("absent0", "no such interface"), ("lo", "not an Ethernet interface")] {
                let error = await #expect(throws: ProbeError.self) {
                    try await host.run { try NeighbourAnnouncer().announce(address, on: interface) }
                }
                #expect(error?.description.contains(reason) == true)
            }
            _ = try await host.run("ip link set br0 down")
            await #expect(throws: ProbeError.self) {
                try await host.run { try NeighbourAnnouncer().announce(address, on: "br0") }
            }
        }
    }

    @Test func theFramesAreTheStandards() throws {
        let mac = try #require(MACAddress("02:00:00:00:00:bb"))
        let macBytes: [UInt8] = [2, 0, 0, 0, 0, 0xbb]
        let v4 = try #require(IPAddress("10.9.0.20"))
        let broadcast = [UInt8](repeating: 0xff, count: 6)
        let head = broadcast + macBytes + [8, 6, 0, 1, 8, 0, 6, 4]
        let body = macBytes + [10, 9, 0, 20]
        #expect(
            NeighbourPacket.arpAnnouncement(v4, at: mac, isReply: false)
                == head + [0, 1] + body + [0, 0, 0, 0, 0, 0, 10, 9, 0, 20])
        #expect(NeighbourPacket.arpAnnouncement(v4, at: mac, isReply: true) == head + [0, 2] + body + body)

        let v6 = try #require(IPAddress("fd09::20"))
        let allNodes: [UInt8] = [0xff, 2] + [UInt8](repeating: 0, count: 13) + [1]
        let frame = NeighbourPacket.neighbourAdvertisement(v6, at: mac)
        var expected: [UInt8] = [0x33, 0x33, 0, 0, 0, 1] + macBytes + [0x86, 0xdd]
        expected += [0x60, 0, 0, 0, 0, 32, 58, 255] + v6.bytes + allNodes
        expected += [136, 0, frame[56], frame[57], 0x20, 0, 0, 0] + v6.bytes + [2, 1] + macBytes
        #expect(frame == expected)
        #expect(internetChecksum(v6.bytes + allNodes + [0, 32, 0, 58] + frame[54...]) == 0)
    }
}
