import HostState
import NetAddress
import Planner
import Resources
import Testing

@Suite struct PlannerTests {
    @Test func unknownNodeWantsNothing() throws {
        #expect(try Example("two-hosts").plan("host-z") == DesiredHost())
    }

    /// A label, a path or a command is an author's text.
    @Test func controlAndDirectionCharactersAreEscapedInTheText() throws {
        var example = try Example("two-hosts")
        example.edit("host-a") { node in
            node.spec.containers[0].labels = ["note": "a\u{202e}b\u{1b}[2J\nroutes:"]
            node.spec.containers[0].command = ["echo", "\u{2066}x\u{9b}\u{7}"]
        }
        let text = example.plan("host-a").text
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(![.control, .format].contains(scalar.properties.generalCategory), "\(text)")
        }
        #expect(text.contains("label note=a\\u{202e}b\\u{1b}[2J\\u{a}routes:") && text.contains("\\u{2066}x\\u{9b}"))
        #expect(text.split(separator: "\n").count { $0.contains("note=") } == 1)
    }

    @Test func nodeWithoutKeyIsNobodysPeer() throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        facts.publicKeys["host-b"] = nil
        let plan = Planner.plan(example.resources, facts: facts)
        #expect(plan.kernel.devices.flatMap(\.peers).isEmpty)
        #expect(plan.kernel.routes.isEmpty)
    }

    @Test func keyOtherThanTheManifestsIsNotUsed() throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        facts.ownPublicKey = PublicKey(bytes: [UInt8](repeating: 9, count: 32))
        #expect(Planner.plan(example.resources, facts: facts).kernel.devices.first?.publicKey == nil)
        facts.publicKeys["host-a"] = nil
        #expect(Planner.plan(example.resources, facts: facts).kernel.devices.first?.publicKey == facts.ownPublicKey)
    }

    @Test func peerWithOurOwnKeyIsLeftOut() throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        facts.publicKeys["host-b"] = facts.ownPublicKey
        #expect(Planner.plan(example.resources, facts: facts).kernel.devices.first?.peers.isEmpty == true)
    }

    @Test func drainedNodeStaysRoutedWithoutContainers() throws {
        var example = try Example("two-hosts")
        example.edit("host-a") { $0.spec.unschedulable = true }
        let drained = example.plan("host-a")
        #expect(drained.podman.containers.isEmpty && drained.podman.networks.count == 1)
        #expect(drained.kernel.devices.first?.peers.count == 1)
        let allowed = example.plan("host-b").kernel.devices.first?.peers.first?.allowedIPs
        #expect(allowed?.map(\.description) == ["10.0.0.1/32", "10.0.0.10/32"])
    }

    /// What exists of it is kept with everything that hangs on it (I10).
    @Test func barredOverlayIsLeftOutAndKeptWithItsContainers() throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        facts.barredOverlays["overlay-net"] = "10.0.0.0/24 is routed to eth1"
        let frozen = FrozenObjects(containers: ["pod-a"], overlays: ["overlay-net"])
        #expect(Planner.plan(example.resources, facts: facts) == DesiredHost(node: "host-a", frozen: frozen))
        // Unless another overlay keeps the name: then what carries it is that one's.
        facts.identities = Identities(overlays: ["mesh": "overlay-net"])
        let plan = Planner.plan(example.resources, facts: facts)
        #expect(plan.frozen == FrozenObjects(containers: ["pod-a"]))
    }

    @Test func whatThePolicyHoldsIsNoPartOfThePlanAndNamedInIt() throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        facts.frozen = FrozenObjects(containers: ["pod-a"])
        var wanted = example.plan("host-a")
        wanted.podman.containers = []
        wanted.frozen = facts.frozen
        // Its addresses stay local: nothing else of the plan differs.
        #expect(Planner.plan(example.resources, facts: facts) == wanted)
        facts.frozen.overlays = ["overlay-net"]
        #expect(
            Planner.plan(example.resources, facts: facts) == DesiredHost(node: "host-a", frozen: facts.frozen))
    }

    @Test func containerKeepsItsMACWhereverItRuns() throws {
        var example = try Example("two-hosts")
        let before = example.plan("host-a").podman.containers.first
        let pods = example.resources.nodes.first?.spec.containers ?? []
        example.edit("host-a") { $0.spec.containers = [] }
        example.edit("host-b") { $0.spec.containers = pods }
        let after = example.plan("host-b").podman.containers.first
        #expect(before?.networks.first?.macAddress == after?.networks.first?.macAddress)
        let allowed = example.plan("host-a").kernel.routes.map(\.destination.description)
        #expect(allowed == ["10.0.0.2/32", "10.0.0.10/32"])
    }

    @Test func localContainerInsideRemoteSliceStaysOnTheBridge() throws {
        var example = try Example("every-field")
        example.edit("alpha") { node in
            node.spec.containers[0].networks[0].addresses = ["10.20.0.130", "fd20::11"].compactMap { IPAddress($0) }
        }
        let route = example.plan("alpha").kernel.routes.first { $0.destination.description == "10.20.0.130/32" }
        #expect(route?.interface == "br-wg-mesh")
        #expect(example.plan("gamma").kernel.routes.contains { $0.destination.description == "10.20.0.130/32" })
    }

    @Test func pathNeedsOneEndpoint() throws {
        var example = try Example("every-field")
        #expect(hasPath(example))
        example.edit("alpha") { $0.spec.endpoint = nil }
        #expect(!hasPath(example))
        example.edit("alpha") { $0.spec.overlays[0].endpoint = Endpoint("192.0.2.1") }
        #expect(hasPath(example))
    }

    private func hasPath(_ example: Example) -> Bool {
        guard let a = example.resources.nodes.first, let c = example.resources.nodes.last else { return false }
        return Planner.hasPath(from: a, to: c, overlay: "mesh")
    }

    @Test(arguments: [(1500, 1420), (1400, 1320), (1300, 1280), (40, 1280), (9000, 8920)] as [(UInt32, UInt32)])
    func tunnelFitsTheUnderlay(underlay: UInt32, tunnel: UInt32) {
        #expect(Planner.tunnelMTU(underlay: underlay) == tunnel)
    }

    /// Of host-a to host-b in `two-hosts`, whose endpoint is an IPv4 address, over paths of so many bytes.
    @Test(arguments: [(1500, nil), (1480, nil), (1479, 1419), (1400, 1340), (1300, 1280)] as [(UInt32, UInt32?)])
    func aPathThatCarriesLessThanTheInterfaceSizesItsRoutes(path: UInt32, mtu: UInt32?) throws {
        let example = try Example("two-hosts")
        var facts = example.facts("host-a")
        let remote = try #require(example.resources.nodes.first { $0.metadata.name == "host-b" })
        guard case .address(let address)? = remote.spec.endpoint?.host else { throw Example.Refusal(messages: []) }
        facts.pathMTUs = [address: path]
        let plan = Planner.plan(example.resources, facts: facts)
        #expect(!plan.kernel.routes.isEmpty && plan.kernel.routes.allSatisfy { $0.mtu == mtu })
        // Neither the interface nor the network, which would have to be made again, follows.
        #expect(plan.kernel.links == example.plan("host-a").kernel.links)
        #expect(plan.podman == example.plan("host-a").podman)
    }

    @Test func aNameIsAsSmallAsTheSmallestOfItsAddressesAndAnAuthorsMTUStands() throws {
        var example = try Example("two-hosts")
        example.edit("host-b") { $0.spec.endpoint = Endpoint("b.example.net") }
        var facts = example.facts("host-a")
        let (first, second) = (try #require(IPAddress("192.0.2.1")), try #require(IPAddress("2001:db8::1")))
        facts.pathMTUs = [first: 1450, second: 1440]
        facts.resolved = ["b.example.net": [first, second]]
        func mtus() -> Set<UInt32?> { Set(Planner.plan(example.resources, facts: facts).kernel.routes.map(\.mtu)) }
        #expect(mtus() == [1360])
        facts.resolved = [:]
        #expect(mtus() == [nil])
        facts.resolved = ["b.example.net": [first, second]]
        example.resources.overlays[0].spec.wireguard.mtu = 1420
        #expect(mtus() == [nil])
    }

    @Test func namesFitIntoFifteenBytesAndDiffer() {
        #expect(InterfaceNames(wireguard: "wg0").bridge == "br-wg0")
        let names = ["wg-long-name-aa", "wg-long-name-ab", "twelve-bytes"].map { InterfaceNames(wireguard: $0) }
        let all = names.flatMap { [$0.bridge, $0.anchor, $0.anchorPeer] }
        #expect(all.allSatisfy { $0.utf8.count <= 15 } && Set(all).count == all.count)
        #expect(names[2].bridge == "br-twelve-bytes")
    }
}
