import Foundation
import TestSupport
import Testing

/// The tunnel goes on, whatever becomes of the daemon, of addresses on the way, and of what the daemon writes.
@Suite(.serialized) struct ContinuityTests {
    @Test(arguments: WireGuardImplementation.preferred)
    func aDaemonThatIsKilledAndStartedAgainLosesNoPacketAndWritesNothing(
        by implementation: WireGuardImplementation
    ) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            try await fleet.start()
            let writes = try await near.settled()
            #expect(writes > 0)
            try await near.losesNothing(to: far) {
                try await near.kill()
                try await near.start()
                // Two resyncs at least, of a device whose key the kernel has clamped, and its peers.
                #expect(try await near.settled() == 0)
            }
        }
    }

    /// The router begins to translate the far host's address, and then its port anew, as a NAT that forgot it does.
    @Test(arguments: WireGuardImplementation.preferred)
    func anEndpointThatRoamsBehindANATIsNotWrittenBack(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            try await fleet.start()
            let writes = try await near.settled()
            try await fleet.router.run("ip route add 198.18.99.0/24 via 198.18.2.2 && nft add table ip nat")
            for port in [40001, 40002] {
                try await fleet.router.run(
                    """
                    nft -f - <<'EOF'
                    flush table ip nat
                    table ip nat {
                        chain translate {
                            type filter hook prerouting priority raw;
                            ip saddr 198.18.2.2 udp sport 51820 udp sport set \(port) ip saddr set 198.18.99.1
                            ip daddr 198.18.99.1 udp dport \(port) udp dport set 51820 ip daddr set 198.18.2.2
                        }
                    }
                    EOF
                    """)
                try await far.reaches(near)
                try await near.losesNothing(to: far) {
                    try await waitUntil("the endpoint has roamed") {
                        try await near.host.run("wg show wg0 endpoints").contains("\t198.18.99.1:\(port)\n")
                    }
                    #expect(try await near.settled() == writes)
                }
                #expect(try await near.host.run("wg show wg0 endpoints").contains("\t198.18.99.1:\(port)\n"))
            }
        }
    }

    /// What the daemon asks of the device fails half-way, again and again, while it brings in 260 peers.
    @Test(arguments: WireGuardImplementation.preferred)
    func aSetThatFailsHalfWayIsReadBackAndCompleted(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            try await fleet.start()
            _ = try await near.settled()
            try await near.kill()
            let peers = (0..<260).map { index in
                let key = Data((0..<32).map { UInt8(truncatingIfNeeded: (index >> ($0 % 2 * 8)) &* 31 &+ $0 &+ 1) })
                return fleet.node(
                    "many-\(index)", key: key.base64EncodedString(), endpoint: "198.18.3.\(index % 250 + 1)",
                    overlays: "{name: net, addresses: [10.0.\(index / 200 + 1).\(index % 200 + 1)]}")
            }
            try fleet.save("many.yaml", peers.joined(separator: "---\n"))
            try fleet.save(
                "overlay.yaml", fleet.overlay("net", interface: "wg0", port: 51820, subnet: "10.0.0.0/16"))
            // No resync comes to its help. The first set brings in all the peers, the second what the first left out,
            // and those after it are of one peer each.
            try await near.start(under: "env WGD_FAIL_SETS=7 ", resync: 3600)
            try await waitUntil("every peer stands", seconds: 480) {
                try await near.host.run("wg show wg0 allowed-ips | grep -c /32; ip route show dev wg0 | wc -l")
                    .split(separator: "\n").allSatisfy { $0 == "261" }
            }
            let log = try shell("cat \(near.directory)/wgd.log")
            #expect(log.contains("wg0: no answer to set") && log.contains("set was refused: No buffer space"))
            try await near.reaches(far)
        }
    }
}
