import TestSupport
import Testing

/// What becomes of the interface itself.
@Suite(.serialized) struct InterfaceTests {
    @Test(arguments: WireGuardImplementation.preferred)
    func anInterfaceThatIsDeletedOrRenamedComesBackAsItWas(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            try await fleet.start()
            _ = try await near.settled()
            let before = try await near.standing()
            #expect(before.contains("10.0.0.1/32") && before.contains(far.publicKey))
            let index = try await near.host.run("ip -o link show wg0").prefix { $0 != ":" }
            try await near.host.run("ip link del wg0")
            try await waitUntil("another interface has its place and its state") {
                guard let link = try? await near.host.run("ip -o link show wg0"), !link.hasPrefix(index + ":") else {
                    return false
                }
                return (try? await near.standing()) == before
            }
            try await near.reaches(far)
            // The daemon may bring it up again in between.
            try await waitUntil("it is renamed") {
                (try? await near.host.run("printf 'link set wg0 down\\nlink set wg0 name other0\\n' | ip -batch -"))
                    != nil
            }
            try await waitUntil("it has its name and its state again") { (try? await near.standing()) == before }
            #expect((try? await near.host.run("ip link show other0")) == nil)
            try await near.reaches(far)
        }
    }

    /// Made by hand, with a key and a peer: it has our name and our kind, and is not ours.
    @Test(arguments: WireGuardImplementation.preferred)
    func aForeignInterfaceOfOurNameIsLeftAloneAndTold(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            let near = fleet.hosts[0]
            let kind = implementation == .kernel ? "wireguard" : "bridge"
            try await near.host.run("ip link add wg0 type \(kind) && ip link set wg0 up")
            if implementation == .kernel {
                try await near.host.run(
                    "wg genkey >/run/key; wg set wg0 private-key /run/key listen-port 7 peer \(fleet.hosts[1].publicKey)"
                )
            }
            // The state of a bridge follows a moment after the bridge itself.
            let look = "ip link show wg0 | sed 's/ state [A-Z]* / /'; wg showconf wg0 || true"
            let before = try await near.host.run(look)
            try await near.start()
            try await waitUntil("the conflict is told") {
                (try? await near.wgctl("get overlays -o json").contains("wg0 exists and is not ours")) ?? false
            }
            _ = try await near.settled()
            #expect(try await near.host.run(look) == before)
            // Gone, its place is taken.
            try await near.host.run("ip link del wg0")
            try await waitUntil("ours stands") {
                try await near.host.run("wg show wg0 public-key || true").contains(near.publicKey)
            }
        }
    }

    @Test(arguments: WireGuardImplementation.preferred)
    func aTakenPortHoldsUpItsOwnOverlayOnly(by implementation: WireGuardImplementation) async throws {
        try await Fleet.with(by: implementation) { fleet in
            try fleet.save("more.yaml", fleet.overlay("more", interface: "wg1", port: 51821, subnet: "10.1.0.0/24"))
            for host in fleet.hosts {
                try fleet.save(
                    "\(host.node).yaml",
                    fleet.manifest(of: host, also: ", {name: more, addresses: [10.1.0.\(host.number)]}"))
            }
            let near = fleet.hosts[0]
            let rival = try await near.background(
                "python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
                    + " s.bind((\"\", 51821)); time.sleep(600)'")
            try await waitUntil("the port is taken") {
                try await near.host.run("ss -Hlun 'sport = :51821'").isEmpty == false
            }
            try await fleet.start()
            try await waitUntil("the port is told") {
                (try? await near.wgctl("get overlays -o json").contains("UDP port 51821 is taken")) ?? false
            }
            #expect((try? await near.host.run("ping -c1 -W1 10.1.0.2")) == nil)
            try shell("kill \(rival)")
            // It would be tried again within half a minute anyway.
            _ = try await near.wgctl("resync")
            try await waitUntil("the overlay comes up when the port is free") {
                (try? await near.host.run("ping -c1 -W1 10.1.0.2")) != nil
            }
        }
    }
}
