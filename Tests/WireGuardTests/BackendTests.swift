import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// On real devices in a namespace, the kernel's and wireguard-go's; `wg` is the independent reader.
@Suite(.serialized) struct BackendTests {
    @Test(arguments: WireGuardImplementation.present)
    func everyKindOfChangeIsSeenByTheProgramAndReadBack(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let device = devices[0]
            #expect(try await device.host.run("wg show wg0 public-key") == "\(device.key.publicKey)\n")
            #expect(try await device.host.run("wg show wg0 listen-port") == "51820\n")
            let writes = device.backend.writes

            let peer = try examplePeer(1, allowedIPs: ["10.0.0.2/32", "fd00::/64"])
            let endpoint = try socketAddress("192.0.2.1", 51821)
            try await device.configure(.addPeer(interface: "wg0", peer, endpoint: endpoint))
            let line = try #require(try await device.lines()["\(peer.publicKey)"])
            // The kernel lists the newest allowed IP first.
            let networks = line.split(separator: "\t")[3].split(separator: ",").sorted()
            #expect(networks == ["10.0.0.2/32", "fd00::/64"])
            #expect(line.hasPrefix("\(peer.publicKey)\t(none)\t192.0.2.1:51821\t"))
            #expect(line.hasSuffix("\t25"))
            let added = try #require(try await device.observed().peers[peer.publicKey])
            #expect(added.endpoint == endpoint && added.persistentKeepalive == 25)
            #expect(added.allowedIPs == Set(peer.allowedIPs))
            let observed = try await device.observed()
            #expect(observed.publicKey == device.key.publicKey && observed.listenPort == 51820)
            #expect(observed.backend.rawValue == implementation.rawValue)

            var update = PeerUpdate(node: "n", publicKey: peer.publicKey)
            update.endpoint = try socketAddress("2001:db8::1", 7)
            update.persistentKeepalive = 0
            update.addAllowedIPs = [try cidr("10.0.0.3/32")]
            update.removeAllowedIPs = [try cidr("10.0.0.2/32")]
            try await device.configure(.updatePeer(interface: "wg0", update))
            let dump = try await device.lines()
            let changed = try #require(dump["\(peer.publicKey)"])
            #expect(changed.hasPrefix("\(peer.publicKey)\t(none)\t[2001:db8::1]:7\t") && changed.hasSuffix("\toff"))
            #expect(dump.count == 1)
            let updated = try #require(try await device.observed().peers[peer.publicKey])
            #expect(updated.allowedIPs == [try cidr("10.0.0.3/32"), try cidr("fd00::/64")])
            #expect(updated.endpoint == update.endpoint && updated.persistentKeepalive == 0)

            try await device.configure(.removePeer(interface: "wg0", updated))
            #expect(try await device.host.run("wg show wg0 peers") == "")
            #expect(device.backend.writes == writes + 3)
        }
    }

    /// Seen where it counts too: a rule for the mark keeps the packets of the tunnel from the underlay.
    @Test(arguments: WireGuardImplementation.present)
    func aMarkIsSetReadBackAndTurnedOff(by implementation: WireGuardImplementation) async throws {
        try await withDevices(2, by: implementation) { devices in
            let device = devices[0]
            try await device.meet(devices[1])
            #expect(try await device.observed().fwmark == 0)
            func mark(_ mark: UInt32) async throws {
                try await device.configure(
                    .configureDevice(
                        interface: "wg0", publicKey: device.key.publicKey, listenPort: 51820, fwmark: mark))
            }
            func sent() async throws -> Bool { (try? await device.host.run("ping -c1 -W1 10.0.0.2")) != nil }
            try await device.host.run("ip rule add fwmark 0x9000ca6c unreachable pref 10")
            try await waitUntil("packets without the mark pass") { try await sent() }
            try await mark(0x9000_ca6c)
            #expect(try await device.host.run("wg show wg0 fwmark") == "0x9000ca6c\n")
            #expect(try await device.observed().fwmark == 0x9000_ca6c)
            #expect(try await device.observed().listenPort == 51820)
            try await waitUntil("the rule holds") { try await !sent() }
            try await device.host.run("wg set wg0 fwmark 7")
            #expect(try await device.observed().fwmark == 7)
            try await mark(0)
            #expect(try await device.host.run("wg show wg0 fwmark") == "off\n")
            #expect(try await device.observed().fwmark == 0)
            try await waitUntil("packets pass again") { try await sent() }
        }
    }

    /// `wg` reads the key itself; it and the other end agree on it.
    @Test(arguments: WireGuardImplementation.present)
    func aPresharedKeyIsSetReadBackAndCleared(by implementation: WireGuardImplementation) async throws {
        try await withDevices(2, by: implementation) { devices in
            let (device, other) = (devices[0], devices[1])
            try await device.meet(other)
            let keys = try presharedKeys(own: device.key.publicKey)
            let peer = other.key.publicKey
            func apply(_ change: KernelChange, _ keys: PresharedKeys) async throws {
                try await device.backend.apply(change, key: device.key, presharedKeys: ["wg0": keys])
            }
            func update(_ presharedKey: PeerUpdate.PresharedKey) -> KernelChange {
                .updatePeer(interface: "wg0", PeerUpdate(node: "far", publicKey: peer, presharedKey: presharedKey))
            }
            func shown(_ device: Device) async throws -> String? {
                try await device.host.run("wg show wg0 preshared-keys").split(whereSeparator: \.isWhitespace).last
                    .map(String.init)
            }
            #expect(try await device.observed().peers[peer]?.presharedKey == nil)
            let fingerprint = keys.fingerprint(for: peer)
            try await apply(update(.set(fingerprint)), keys)
            #expect(try await device.observed().peers[peer]?.presharedKey == fingerprint)
            let there = try presharedKeys(own: peer)
            try await other.backend.apply(
                .updatePeer(
                    interface: "wg0",
                    PeerUpdate(
                        node: "far", publicKey: device.key.publicKey,
                        presharedKey: .set(there.fingerprint(for: device.key.publicKey)))),
                key: other.key, presharedKeys: ["wg0": there])
            let key = try #require(try await shown(device))
            #expect(key.count == 44 && key != "(none)")
            #expect(try await shown(other) == key)
            // Another by hand is seen, and the right one set again.
            try await device.host.run("wg genpsk >/run/psk; wg set wg0 peer \(peer) preshared-key /run/psk")
            let stranger = try await device.observed().peers[peer]?.presharedKey
            #expect(stranger != nil && stranger != fingerprint)
            try await apply(update(.set(fingerprint)), keys)
            #expect(try await shown(device) == key)
            // What has not to do with it leaves it.
            var rest = PeerUpdate(node: "far", publicKey: peer, persistentKeepalive: 7)
            rest.addAllowedIPs = [try cidr("10.7.0.0/24")]
            try await apply(.updatePeer(interface: "wg0", rest), keys)
            #expect(try await device.observed().peers[peer]?.presharedKey == fingerprint)
            try await apply(update(.clear), keys)
            #expect(try await shown(device) == "(none)")
            #expect(try await device.observed().peers[peer]?.presharedKey == nil)
            // A new peer has it from the start.
            var added = try examplePeer(7, allowedIPs: ["10.8.0.0/24"])
            added.presharedKey = keys.fingerprint(for: added.publicKey)
            try await apply(.addPeer(interface: "wg0", added, endpoint: nil), keys)
            #expect(try await device.observed().peers[added.publicKey]?.presharedKey == added.presharedKey)
        }
    }

    /// The kernel's answer agrees with its version, whichever it is that runs here.
    @Test(arguments: WireGuardImplementation.present)
    func onlyANewKernelTakesAllowedIPsAwayByItself(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let release = try await devices[0].host.run("uname -r").split(whereSeparator: { !$0.isNumber })
            let version = try release.prefix(2).map { try #require(Int($0)) }
            let isNew = !version.lexicographicallyPrecedes([6, 16])
            let transport: any DeviceTransport =
                implementation == .kernel ? KernelTransport() : UserspaceTransport()
            #expect(transport.takesAllowedIPsAway() == (isNew && implementation == .kernel))
        }
    }

    /// Should a kernel have said that it knows the flag, and not know it, the allowed IP goes all the same.
    @Test(arguments: WireGuardImplementation.present)
    func aFlagThatIsRefusedIsNotAskedForAgain(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let device = devices[0]
            let isKnown = KernelTransport().takesAllowedIPsAway() ?? false
            let peer = try examplePeer(1, allowedIPs: ["10.0.0.2/32", "10.0.0.3/32", "10.0.0.4/32"])
            try await device.configure(.addPeer(interface: "wg0", peer, endpoint: nil))
            await device.backend.believe(true)
            for gone in peer.allowedIPs.dropFirst() {
                try await device.configure(
                    .updatePeer(
                        interface: "wg0", PeerUpdate(node: "n", publicKey: peer.publicKey, removeAllowedIPs: [gone])))
            }
            #expect(try await device.observed().peers[peer.publicKey]?.allowedIPs == [peer.allowedIPs[0]])
            #expect(try await device.observed().peers.count == 1)
            let isBelieved = await device.backend.kernelTakesAllowedIPsAway
            #expect(isBelieved == (implementation == .userspace || isKnown))
        }
    }

    @Test(arguments: WireGuardImplementation.present)
    func anAllowedIPMovesInOneStep(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let first = try examplePeer(1, allowedIPs: ["10.0.0.2/32", "10.0.0.3/32"])
            let second = try examplePeer(2, allowedIPs: ["10.0.0.4/32"])
            try await devices[0].configure([first, second].map { .addPeer(interface: "wg0", $0, endpoint: nil) })
            var update = PeerUpdate(node: "n", publicKey: second.publicKey)
            update.addAllowedIPs = [try cidr("10.0.0.3/32")]
            try await devices[0].configure(.updatePeer(interface: "wg0", update))
            let peers = try await devices[0].observed().peers
            #expect(peers[first.publicKey]?.allowedIPs == [try cidr("10.0.0.2/32")])
            #expect(peers[second.publicKey]?.allowedIPs == [try cidr("10.0.0.3/32"), try cidr("10.0.0.4/32")])
            #expect(peers.count == 2)
        }
    }

    @Test(arguments: WireGuardImplementation.present)
    func anUpdateOfAPeerThatIsGoneBringsNothingBack(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let peer = try examplePeer(1, allowedIPs: [])
            var update = PeerUpdate(node: "n", publicKey: peer.publicKey)
            update.addAllowedIPs = [try cidr("10.0.0.9/32")]
            try await devices[0].configure(.updatePeer(interface: "wg0", update))
            try await devices[0].configure(.removePeer(interface: "wg0", ObservedPeer(publicKey: peer.publicKey)))
            #expect(try await devices[0].observed().peers.isEmpty)
        }
    }

    @Test(arguments: WireGuardImplementation.present)
    func aBadChangeStopsNoOther(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let device = devices[0]
            let peer = try examplePeer(1, allowedIPs: ["10.0.0.2/32"])
            let wrong = try PrivateKey.generate().publicKey
            let results = await device.backend.apply(
                [
                    .configureDevice(interface: "wg0", publicKey: wrong, listenPort: 1, fwmark: 0),
                    .addPeer(interface: "wg0", peer, endpoint: nil),
                    .addPeer(interface: "absent0", peer, endpoint: nil),
                    .setSysctl(DesiredSysctl(key: "k", value: "v"), before: nil),
                ], key: device.key)
            let mismatch = WireGuardError.keyMismatch(interface: "wg0", wanted: wrong, given: device.key.publicKey)
            #expect(throws: mismatch) { try results[0].get() }
            try results[1].get()
            #expect(throws: WireGuardError.noDevice(interface: "absent0")) { try results[2].get() }
            #expect(throws: WireGuardError.notAWireGuardChange) { try results[3].get() }
            #expect(try await device.observed().peers.count == 1)
        }
    }

    @Test(arguments: WireGuardImplementation.present)
    func aTakenPortIsNamedAndThePeersStandAllTheSame(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let device = devices[0]
            try await device.makeInterface("wg1")
            let results = await device.backend.apply(
                [
                    .configureDevice(interface: "wg1", publicKey: device.key.publicKey, listenPort: 51820, fwmark: 0),
                    .addPeer(interface: "wg1", try examplePeer(1, allowedIPs: ["10.0.0.2/32"]), endpoint: nil),
                ], key: device.key)
            #expect(throws: WireGuardError.portInUse(interface: "wg1", port: 51820)) { try results[0].get() }
            try results[1].get()
            #expect(try await device.backend.observe(["wg1"])["wg1"]?.peers.count == 1)
        }
    }

    /// 32 bytes that are no scalar of Curve25519 before the kernel has clamped them, and an own key as a peer.
    @Test(arguments: WireGuardImplementation.present)
    func whatADeviceNormalisesIsReadBackAsItWasMeant(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let raw = try #require(
                try PrivateKey { bytes in
                    bytes.copyBytes(from: [UInt8](repeating: 0xff, count: 32))
                    return true
                })
            let backend = devices[0].backend
            try await backend.apply(
                .configureDevice(interface: "wg0", publicKey: raw.publicKey, listenPort: 51820, fwmark: 0), key: raw)
            #expect(try await devices[0].observed().publicKey == raw.publicKey)
            #expect(try await devices[0].host.run("wg show wg0 private-key | wg pubkey") == "\(raw.publicKey)\n")
            let selfish = DesiredPeer(
                node: "self", publicKey: raw.publicKey, endpoint: nil, persistentKeepalive: 0,
                allowedIPs: [try cidr("10.0.0.9/32")], probeAddresses: [])
            _ = await backend.apply([.addPeer(interface: "wg0", selfish, endpoint: nil)], key: nil)
            #expect(try await devices[0].observed().peers.isEmpty)
        }
    }
}

extension WireGuardClient {
    fileprivate func believe(_ takesAllowedIPsAway: Bool) { kernelTakesAllowedIPsAway = takesAllowedIPsAway }
}
