import HostState
import NetAddress
import SystemTesting
import Testing

@testable import WireGuard

/// On the real wireguard-go, in a namespace; `wg` is the independent reader.
@Suite(.serialized) struct UserspaceBackendTests {
    private func withDevice(
        _ body: (TestHost, WireGuardBackend, PrivateKey) async throws -> Void
    ) async throws {
        let host = try TestHost()
        defer { host.remove() }
        let backend = try await host.run { try WireGuardBackend(timeout: .seconds(60)) }
        let key = try PrivateKey.generate()
        try await backend.startUserspace("wg0")
        try await backend.apply(
            .configureDevice(interface: "wg0", publicKey: key.publicKey, listenPort: 51820), key: key)
        try await body(host, backend, key)
        try await backend.stopUserspace("wg0")
    }

    private func device(_ backend: WireGuardBackend) async throws -> ObservedDevice {
        try #require(try await backend.observe(["wg0", "absent0"])["wg0"])
    }

    @Test func everyKindOfChangeIsSeenByTheProgramAndReadBack() async throws {
        try await withDevice { host, backend, key in
            #expect(try await host.run("wg show wg0 public-key") == "\(key.publicKey)\n")
            #expect(try await host.run("wg show wg0 listen-port") == "51820\n")

            let peer = try examplePeer(1, allowedIPs: ["10.0.0.2/32", "fd00::/64"])
            let endpoint = try socketAddress("192.0.2.1", 51821)
            try await backend.apply(.addPeer(interface: "wg0", peer, endpoint: endpoint), key: nil)
            #expect(
                try await host.run("wg show wg0 dump | tail -n +2")
                    == "\(peer.publicKey)\t(none)\t192.0.2.1:51821\t10.0.0.2/32,fd00::/64\t0\t0\t0\t25\n")
            let added = try #require(try await device(backend).peers[peer.publicKey])
            #expect(added.endpoint == endpoint && added.persistentKeepalive == 25)
            #expect(added.allowedIPs == Set(peer.allowedIPs))
            #expect(try await device(backend).publicKey == key.publicKey)

            var update = PeerUpdate(node: "n", publicKey: peer.publicKey)
            update.endpoint = try socketAddress("2001:db8::1", 7)
            update.persistentKeepalive = 0
            update.addAllowedIPs = [try cidr("10.0.0.3/32")]
            update.removeAllowedIPs = [try cidr("10.0.0.2/32")]
            try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)
            let dump = try await host.run("wg show wg0 dump | tail -n +2")
            #expect(dump.hasPrefix("\(peer.publicKey)\t(none)\t[2001:db8::1]:7\t"))
            #expect(dump.hasSuffix("\t0\t0\t0\toff\n") && dump.split(separator: "\n").count == 1)
            let updated = try #require(try await device(backend).peers[peer.publicKey])
            #expect(updated.allowedIPs == [try cidr("10.0.0.3/32"), try cidr("fd00::/64")])
            #expect(updated.endpoint == update.endpoint && updated.persistentKeepalive == 0)

            try await backend.apply(.removePeer(interface: "wg0", updated), key: nil)
            #expect(try await host.run("wg show wg0 peers") == "")
            #expect(await backend.writes == 4)
        }
    }

    @Test func aChangeOfOnePeerLeavesTheOthersAsTheyAre() async throws {
        try await withDevice { host, backend, key in
            let other = try TestHost()
            defer { other.remove() }
            let otherKey = try await handshake(host, key, other)
            let peers = try (1...49).map { try examplePeer($0, allowedIPs: ["10.1.\($0).0/24", "fd00:\($0)::/64"]) }
            let results = await backend.apply(
                peers.map { .addPeer(interface: "wg0", $0, endpoint: nil) }, key: nil)
            for result in results { try result.get() }
            #expect(await backend.writes == 2)

            let before = try await lines(host)
            #expect(before.count == 50)
            let live = try #require(before["\(otherKey.publicKey)"])
            #expect(live.split(separator: "\t")[4] != "0", "a handshake took place")

            var update = PeerUpdate(node: "n", publicKey: peers[6].publicKey)
            update.endpoint = try socketAddress("192.0.2.7", 7)
            update.addAllowedIPs = [try cidr("10.9.0.0/16")]
            update.removeAllowedIPs = [peers[6].allowedIPs[0]]
            try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)

            var after = try await lines(host)
            #expect(after.removeValue(forKey: "\(peers[6].publicKey)") != before["\(peers[6].publicKey)"])
            #expect(after == before.filter { $0.key != "\(peers[6].publicKey)" })
            // The observation agrees with the program, figures of the live session included.
            let fields = live.split(separator: "\t").map(String.init)
            let observed = try #require(try await device(backend).peers[otherKey.publicKey])
            #expect(String(observed.latestHandshake) == fields[4])
            #expect(String(observed.receivedBytes) == fields[5] && String(observed.transmittedBytes) == fields[6])
            #expect(observed.receivedBytes > 0 && observed.transmittedBytes > 0)
        }
    }

    @Test func removalsOfAllowedIPsLoseNoPacketOfThePeer() async throws {
        try await withDevice { host, backend, key in
            let other = try TestHost()
            defer { other.remove() }
            let otherKey = try await handshake(host, key, other)
            async let pings = host.run("ping -q -c 400 -i 0.005 10.0.0.2")
            for number in 0..<100 {
                var update = PeerUpdate(node: "n", publicKey: otherKey.publicKey)
                update.addAllowedIPs = [try cidr("10.3.0.\(number)/32")]
                try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)
                update.removeAllowedIPs = update.addAllowedIPs
                update.addAllowedIPs = []
                try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)
            }
            #expect(try await pings.contains("400 received, 0% packet loss"))
            #expect(try await device(backend).peers[otherKey.publicKey]?.allowedIPs == [try cidr("10.0.0.2/32")])
            #expect(try await device(backend).peers.count == 1)
        }
    }

    @Test func anAllowedIPMovesInOneStep() async throws {
        try await withDevice { _, backend, _ in
            let first = try examplePeer(1, allowedIPs: ["10.0.0.2/32", "10.0.0.3/32"])
            let second = try examplePeer(2, allowedIPs: ["10.0.0.4/32"])
            for peer in [first, second] {
                try await backend.apply(.addPeer(interface: "wg0", peer, endpoint: nil), key: nil)
            }
            var update = PeerUpdate(node: "n", publicKey: second.publicKey)
            update.addAllowedIPs = [try cidr("10.0.0.3/32")]
            try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)
            let peers = try await device(backend).peers
            #expect(peers[first.publicKey]?.allowedIPs == [try cidr("10.0.0.2/32")])
            #expect(peers[second.publicKey]?.allowedIPs == [try cidr("10.0.0.3/32"), try cidr("10.0.0.4/32")])
            #expect(peers.count == 2)
        }
    }

    @Test func anUpdateOfAPeerThatIsGoneBringsNothingBack() async throws {
        try await withDevice { _, backend, _ in
            let peer = try examplePeer(1, allowedIPs: [])
            var update = PeerUpdate(node: "n", publicKey: peer.publicKey)
            update.addAllowedIPs = [try cidr("10.0.0.9/32")]
            try await backend.apply(.updatePeer(interface: "wg0", update), key: nil)
            try await backend.apply(
                .removePeer(interface: "wg0", ObservedPeer(publicKey: peer.publicKey)), key: nil)
            #expect(try await device(backend).peers.isEmpty)
        }
    }

    @Test func aBadChangeStopsNoOther() async throws {
        try await withDevice { _, backend, key in
            let peer = try examplePeer(1, allowedIPs: ["10.0.0.2/32"])
            let wrong = try PrivateKey.generate().publicKey
            let results = await backend.apply(
                [
                    .configureDevice(interface: "wg0", publicKey: wrong, listenPort: 1),
                    .addPeer(interface: "wg0", peer, endpoint: nil),
                    .addPeer(interface: "absent0", peer, endpoint: nil),
                    .setSysctl(DesiredSysctl(key: "k", value: "v"), before: nil),
                ], key: key)
            #expect(throws: WireGuardError.keyMismatch(interface: "wg0", wanted: wrong, given: key.publicKey)) {
                try results[0].get()
            }
            try results[1].get()
            #expect(throws: WireGuardError.noDevice(interface: "absent0")) { try results[2].get() }
            #expect(throws: WireGuardError.notAWireGuardChange) { try results[3].get() }
            #expect(try await device(backend).peers.count == 1)
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        try await withDevice { host, backend, key in
            try await backend.startUserspace("wg1")
            _ = try await host.run("ip link set wg0 up")
            await #expect(throws: WireGuardError.portInUse(interface: "wg1", port: 51820)) {
                try await backend.apply(
                    .configureDevice(interface: "wg1", publicKey: key.publicKey, listenPort: 51820), key: key)
            }
            try await backend.stopUserspace("wg1")
        }
    }
}
