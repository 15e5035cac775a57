import Manifest
import Resources
import Testing

/// "Network" of docs/reliability.md.
@Suite struct BadNetworkTests {
    private func member(_ more: String, address: String = "10.0.0.1") -> String {
        node("a", "{name: net, addresses: [\(address)]\(more.isEmpty ? "" : ", \(more)")}")
    }

    /// A second node, which nobody knows yet.
    private func newcomer(_ more: String = "", address: String = "10.0.0.3", _ spec: String = "") -> String {
        node("c", "{name: net, addresses: [\(address)]\(more.isEmpty ? "" : ", \(more)")}", spec)
    }

    @Test(arguments: ["sixteen-letters-", "a/b", "a:b", "\"a b\"", "..", "\"\"", "\"wg0\\n\"", "\"%d\""])
    func anInterfaceNameThatLinuxDoesNotTake(name: String) throws {
        try Incumbents().expectRefused(member("interface: \(name)"), "spec.overlays[0].interface: ")
        try Incumbents().expectRefused(
            overlay("net", "10.0.0.0/24", "  wireguard: {interface: \(name)}"), in: "net.yaml",
            "spec.wireguard.interface: ")
    }

    @Test(arguments: [
        ("CANARY=", "44 characters"), (String(repeating: "A", count: 44), "44 characters"),
        (String(repeating: "A", count: 43) + "=", "low order"),
        ("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "low order"),
        ("4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=", "low order"),
        ("jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgN=", "44 characters"),
    ])
    func aKeyThatIsNone(key: String, why: String) throws {
        let fleet = try Incumbents()
        fleet.expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  publicKey: \(key)"), "spec.publicKey: the value ")
        let set = fleet.change(file("a.yaml", node("a", "", "  publicKey: \(key)")))
        let message = set.findings.map(\.error.description).joined()
        #expect(message.contains(why) && !message.contains(key), "an author may have pasted the private key")
    }

    @Test func onesOwnPublicKeyAsAPeer() throws {
        // Node a has this key: another node with it would be its own peer.
        try Incumbents().expectRefused(
            newcomer("", "  publicKey: \(Incumbents.key)"), in: "c.yaml",
            "c.yaml:6:3: spec.publicKey: the same public key as Node/a at a.yaml:6:3", reason: Reason.conflict)
    }

    @Test func aPublicKeyThatAnotherNodeHas() throws {
        let fleet = try Incumbents()
        // The newcomer gives way although its name comes first.
        let rival = node("a0", "{name: net, addresses: [10.0.0.3]}", "  publicKey: \(Incumbents.key)")
        let set = fleet.change(file("a0.yaml", rival))
        #expect(set.live == fleet.live.live)
        #expect(set.acceptances.first { $0.key.name == "a0" }?.reason == Reason.conflict)
    }

    @Test(arguments: ["privateKey", "private_key", "PrivateKey", "private-key"])
    func aPrivateKeyInAManifestIsNeverShown(field: String) throws {
        let fleet = try Incumbents()
        let text = node("a", "{name: net, addresses: [10.0.0.1]}", "  \(field): CANARY")
        fleet.expectRefused(text, "spec.\(field): a private key is never in a manifest")
        let set = fleet.change(file("a.yaml", text))
        #expect(!set.acceptances.map(\.message).joined().contains("CANARY"))
        #expect(!set.lastGood.map(\.json).joined().contains("CANARY"))
    }

    @Test(arguments: [("10.9.0.1/16", "10.9.0.0/16"), ("10.9.0.1/0", "0.0.0.0/0"), ("\"fd00::1/64\"", "fd00::/64")])
    func hostBitsInACIDR(cidr: String, canonical: String) throws {
        try Incumbents().expectRefused(
            member("routes: [\(cidr)]"),
            "spec.overlays[0].routes[0]: \"\(cidr.replacing("\"", with: ""))\" has host bits "
                + "set, write \(canonical)")
    }

    @Test(arguments: ["0.0.0.0/0", "\"::/0\""])
    func aDefaultRouteOutsideAGateway(route: String) throws {
        try Incumbents().expectRefused(member("routes: [\(route)]"), "is a default route, which needs a Gateway")
        try Incumbents().expectRefused(
            overlay("net", route), in: "net.yaml",
            "spec.subnets[0]: \(route.replacing("\"", with: "")) is a default route")
    }

    @Test func theSameAllowedIPForTwoPeers() throws {
        let fleet = try Incumbents()
        let owner = fleet.change(file("a.yaml", member("routes: [172.20.0.0/16]")))
        #expect(owner.acceptances.allSatisfy { $0.status == .true })
        var acceptor = try Acceptor()
        let set = acceptor.accept(
            fleet.files.dropFirst() + [
                file("a.yaml", member("routes: [172.20.0.0/16]")),
                file("a0.yaml", node("a0", "{name: net, addresses: [10.0.0.3], routes: [172.20.0.0/16]}")),
            ], lastGood: owner.lastGood)
        #expect(set.live == owner.live, "the newcomer gives way")
        let error = try #require(set.findings.first?.error.description)
        #expect(
            error.hasPrefix("a0.yaml:5:58: spec.overlays[0].routes[0]: 172.20.0.0/16 overlaps 172.20.0.0/16 of Node/a"),
            "\(error)")
    }

    /// Two hosts would give one address of a slice to containers.
    @Test(arguments: ["10.0.0.64/26", "10.0.0.64/27"])
    func aSliceWithinASlice(route: String) throws {
        let fleet = try Incumbents()
        let owner = fleet.change(file("a.yaml", member("routes: [10.0.0.64/26]")))
        #expect(owner.acceptances.allSatisfy { $0.status == .true })
        var acceptor = try Acceptor()
        let set = acceptor.accept(
            fleet.files.dropFirst() + [
                file("a.yaml", member("routes: [10.0.0.64/26]")),
                file("a0.yaml", node("a0", "{name: net, addresses: [10.0.0.3], routes: [\(route)]}")),
            ], lastGood: owner.lastGood)
        #expect(set.live == owner.live)
        #expect(set.findings.first?.error.reason.contains("overlaps 10.0.0.64/26 of Node/a") == true)
    }

    /// The longest prefix wins, in WireGuard and in the kernel; the owner of the wider route reads it.
    @Test(arguments: [("172.20.5.0/24", "a.yaml:5:58"), ("172.16.0.0/12", "a0.yaml:5:58")])
    func aNetworkWithinAnotherNodesNetwork(route: String, warned: String) throws {
        let fleet = try Incumbents()
        var acceptor = try Acceptor()
        let set = acceptor.accept(
            fleet.files.dropFirst() + [
                file("a.yaml", member("routes: [172.20.0.0/16]")),
                file("a0.yaml", node("a0", "{name: net, addresses: [10.0.0.3], routes: [\(route)]}")),
            ], lastGood: [])
        #expect(set.acceptances.allSatisfy { $0.status == .true })
        let finding = try #require(set.findings.first)
        #expect(set.findings.count == 1 && finding.isWarning && finding.reason == Reason.nestedRoute)
        #expect("\(finding.error)".hasPrefix("\(warned): spec.overlays[0].routes[0]: "), "\(finding.error)")
    }

    @Test(arguments: [
        ("10.0.0.0/33", "the prefix length of IPv4 is 0 to 32"), ("\"fd00::/129\"", "IPv6 is 0 to 128"),
        ("010.0.0.0/8", "without leading zeros"), ("\"::ffff:10.0.0.0/104\"", "is not a CIDR"),
        ("\"fe80::%eth0/64\"", "or a zone"), ("10.0.0.0", "ADDRESS/PREFIXLENGTH"), ("10.0.0.0/", "is not a CIDR"),
    ])
    func aPrefixThatIsNone(cidr: String, why: String) throws {
        try Incumbents().expectRefused(member("routes: [\(cidr)]"), why)
    }

    @Test(arguments: [
        "010.0.0.1", "10.0.0.256", "\"::ffff:10.0.0.1\"", "\"fe80::1%eth0\"", "\"1:2:3\"", "10.0.1", "0xA000001",
    ])
    func anAddressThatIsNone(address: String) throws {
        try Incumbents().expectRefused(member("", address: address), "spec.overlays[0].addresses[0]: ")
    }

    @Test(arguments: [
        ("127.0.0.0/8", "covers loopback"), ("\"::1/128\"", "covers loopback"), ("224.0.0.0/8", "covers multicast"),
        ("\"ff02::/16\"", "covers multicast"), ("169.254.1.0/24", "covers link-local"),
        ("126.0.0.0/7", "covers loopback"),
        ("192.168.1.0/24", "covers the endpoint 192.168.1.20 of Node/b at b.yaml:6:3"),
    ])
    func allowedIPsOverLoopbackMulticastOrAnEndpoint(route: String, why: String) throws {
        let fleet = try Incumbents()
        let set = fleet.change(file("a.yaml", member("routes: [\(route)]")))
        let errors = set.findings.map(\.error.description)
        #expect(
            errors.contains { $0.hasPrefix("a.yaml:5:58: spec.overlays[0].routes[0]: ") && $0.contains(why) },
            "\(errors)")
        #expect(set.lastGood == fleet.live.lastGood)
    }

    @Test(arguments: [0, 65536, -1])
    func aPortOutOfRange(port: Int) throws {
        try Incumbents().expectRefused(member("listenPort: \(port)"), "listenPort: \(port) is out of range")
        try Incumbents().expectRefused(container("ports: [{containerPort: \(port)}]"), "is out of range")
        try Incumbents().expectRefused(
            node("a", "{name: net, addresses: [10.0.0.1]}", "  endpoint: \"host:\(port)\""), "spec.endpoint: ")
    }

    @Test func aListenPortUsedTwice() throws {
        let fleet = try Incumbents()
        let other = file("other.yaml", overlay("other", "10.1.0.0/24", "  wireguard: {interface: wg1}"))
        let both = "{name: net, addresses: [10.0.0.1]}, {name: other, addresses: [10.1.0.1]}"
        let set = fleet.change(other, file("a.yaml", node("a", both)))
        let messages = set.findings.map(\.error.description)
        #expect(
            messages.contains { $0.contains("the listen port 51820 is used by both overlays net and other") },
            "\(messages)")
        #expect(fleet.entry(ResourceKey(.node, "a"), in: set) == fleet.live.lastGood.first, "the incumbents stay")
        let ports = container(
            "networks: [{overlay: net, addresses: [10.0.0.77]}], "
                + "ports: [{containerPort: 80}, {containerPort: 81, hostPort: 80}]")
        fleet.expectRefused(ports, "host port 80/TCP is published twice, first at 6:")
    }

    @Test(arguments: [
        ("mtu: 1279", "write a number from 1280 to"), ("mtu: 65536", "is out of range"),
        ("persistentKeepalive: 65536", "write a number from 0 to 65535"),
        ("persistentKeepalive: -1", "is out of range"),
        ("fwmark: 4294967296", "write a number from 0 to 4294967295"), ("fwmark: 0xca6c", "write decimal digits"),
    ])
    func anMTUOrKeepaliveOutOfRange(field: String, why: String) throws {
        try Incumbents().expectRefused(
            overlay("net", "10.0.0.0/24", "  wireguard: {\(field)}"), in: "net.yaml", why)
    }

    @Test(arguments: [
        ("10.0.1.1", "is outside of 10.0.0.0/24"), ("10.0.0.0", "is the network address of"),
        ("10.0.0.255", "is the broadcast address of"), ("\"fd00::1\"", "is outside of 10.0.0.0/24"),
    ])
    func anAddressThatItsOverlayDoesNotHave(address: String, why: String) throws {
        let fleet = try Incumbents()
        let set = fleet.change(file("a.yaml", member("", address: address)))
        #expect(
            set.findings.contains { $0.error.description.contains("addresses[0]: ") && $0.error.reason.contains(why) })
        #expect(set.lastGood == fleet.live.lastGood)
    }

    @Test func anAddressUsedTwice() throws {
        try Incumbents().expectRefused(
            newcomer(address: "10.0.0.1"), in: "c.yaml",
            "c.yaml:5:38: spec.overlays[0].addresses[0]: the address is in use by Node/a at a.yaml:5:38",
            reason: Reason.conflict)
        try Incumbents().expectRefused(
            container("networks: [{overlay: net, addresses: [10.0.0.1]}]"),
            "the address is in use by Node/a at a.yaml:5:38, choose another")
        try Incumbents().expectRefused(
            newcomer("routes: [10.0.0.2/32]"), in: "c.yaml", "the address is in use by Node/b", reason: Reason.conflict)
    }

    @Test(arguments: ["10.0.0.0/24", "10.0.0.0/16", "10.0.0.128/25"])
    func anOverlayThatOverlapsAnother(subnet: String) throws {
        let fleet = try Incumbents()
        let set = fleet.change(file("a0.yaml", overlay("a0", subnet)))
        #expect(set.live == fleet.live.live, "the newcomer gives way")
        let error = try #require(set.findings.first)
        #expect(error.reason == Reason.conflict)
        #expect(error.error.description.hasPrefix("a0.yaml:5:13: spec.subnets[0]: \(subnet) overlaps 10.0.0.0/24 of"))
    }

    private func gateway(_ virtualIP: String) -> String {
        """
        apiVersion: wgctl.dev/v1alpha1
        kind: Gateway
        metadata: {name: g}
        spec:
          overlay: net
          members: [{node: a, priority: 150, interface: eth0}]
          virtualIP: {\(virtualIP)}
        """
    }

    @Test(arguments: [0, 256, -1])
    func aVirtualRouterIDOutOfRange(id: Int) throws {
        let set = try Incumbents().change(
            file("g.yaml", gateway("addresses: [192.168.1.100/24], virtualRouterID: \(id)")))
        #expect(set.findings.map(\.reason) == [Reason.invalid])
        #expect(set.findings.first?.error.description.hasPrefix("g.yaml:7:") == true)
        #expect(set.findings.first?.error.reason == "\(id) is out of range")
    }

    /// What needs a served Gateway to clash is answered with the Gateway as a whole, and nothing is done for it.
    @Test func aVirtualRouterIDUsedTwiceOrAForeignAddress() throws {
        let fleet = try Incumbents()
        let one = gateway("addresses: [203.0.113.9/24], virtualRouterID: 51")
        let set = fleet.change(file("g.yaml", "\(one)\n---\n\(one.replacing("name: g", with: "name: h"))"))
        #expect(set.findings.map(\.reason) == [Reason.unsupportedKind, Reason.unsupportedKind])
        #expect(set.live == fleet.live.live && set.lastGood == fleet.live.lastGood)
    }

    @Test func aReferenceToNothing() throws {
        let fleet = try Incumbents()
        let memberships = "{name: net, addresses: [10.0.0.ID]}, {name: nowhere, addresses: [10.1.0.1]}"
        fleet.expectRefused(
            node("a", memberships.replacing("ID", with: "1")), "spec.overlays[1].name: there is no Overlay \"nowhere\"",
            reason: Reason.refNotFound)
        // One that never had a good version has nothing to lose: the rest of it works.
        let set = fleet.change(file("c.yaml", node("c", memberships.replacing("ID", with: "3"))))
        let acceptance = try #require(set.acceptances.first { $0.key.name == "c" })
        #expect(acceptance.reason == Reason.refNotFound && acceptance.generation == 1)
        #expect(
            acceptance.message
                == "c.yaml:5:51: spec.overlays[1].name: there is no Overlay \"nowhere\", add it, or correct the name")
    }
}
