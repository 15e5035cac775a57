import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// What somebody does to a link of ours that is more than a value to be set again.
@Suite struct LinkDriftTests {
    private let bridge = DesiredLink(name: "br-wg0", kind: .bridge, alias: "wgctl:net")
    private let anchor = DesiredLink(name: "an0", kind: .veth(peer: "an0p"), alias: "wgctl:net", master: "br-wg0")

    private func links(_ changed: ObservedLink...) -> [String: ObservedLink] {
        var links = [
            ObservedLink(index: 10, name: "br-wg0", kind: "bridge", mtu: 1420, alias: "wgctl:net", isUp: true),
            ObservedLink(
                index: 11, name: "an0", kind: "veth", mtu: 1420, alias: "wgctl:net", master: "br-wg0", isUp: true),
            ObservedLink(index: 12, name: "an0p", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true),
        ]
        for link in changed { links[links.firstIndex { $0.index == link.index } ?? 0] = link }
        return Dictionary(links.map { ($0.name, $0) }) { first, _ in first }
    }

    private func changes(
        _ links: [String: ObservedLink], inventory names: Set<String> = ["br-wg0", "an0", "an0p"],
        own: [String: Int32] = [:]
    ) -> ChangeSet<KernelChange> {
        var observed = ObservedKernel()
        observed.links = links
        var desired = DesiredKernel()
        desired.links = [bridge, anchor]
        var inventory = Inventory()
        inventory.links = names
        return Differ.kernelChanges(
            from: observed, to: desired, inventory: inventory,
            context: KernelContext(podman: .observed(ObservedPodman()), ownLinks: own))
    }

    @Test func asItShouldBeNothingIsDone() { #expect(changes(links()) == ChangeSet<KernelChange>()) }

    @Test func aRenamedLinkGetsItsNameBackBeforeAnythingElse() {
        let renamed = ObservedLink(
            index: 10, name: "foo", kind: "bridge", mtu: 1, alias: "wgctl:net", isUp: false)
        #expect(changes(links(renamed)).changes == [.renameLink(renamed, to: "br-wg0")])
        let end = ObservedLink(index: 12, name: "bar", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true)
        #expect(changes(links(end)).changes == [.renameLink(end, to: "an0p")])
    }

    /// The kernel may refuse a rename for good: only what hangs on that link waits for it.
    @Test func whatIsOnOtherLinksDoesNotWaitForARename() {
        let renamed = ObservedLink(index: 10, name: "foo", kind: "bridge", mtu: 1420, alias: "wgctl:net", isUp: true)
        let address = IPAddress(v4: 0x0a00_0001)
        let held = IPAddress(v4: 0x0a01_0001)
        func host(_ last: UInt32) -> CIDR { IPAddress(v4: 0x0a00_0000 + last).hostCIDR }
        func route(_ last: UInt32, metric: UInt32 = 0) -> ObservedRoute {
            ObservedRoute(destination: host(last), interface: "foo", protocolNumber: 87, metric: metric)
        }
        var observed = ObservedKernel()
        observed.links = links(renamed)
        observed.links["an0"]?.master = "foo"
        observed.links["wg0"] = ObservedLink(
            index: 13, name: "wg0", kind: "wireguard", mtu: 1420, alias: "wgctl:net", isUp: false)
        observed.addresses = [ObservedAddress(interface: "foo", address: address, prefixLength: 24)]
        observed.routes = [route(20), route(21), route(22), route(22, metric: 7)]
        observed.proxyNeighbours = [ProxyNeighbour(interface: "foo", address: IPAddress(v4: 0x0a00_0017))]
        observed.sysctls = ["net/ipv4/conf/foo/proxy_arp": "1", "net/ipv4/conf/wg0/rp_filter": "0"]
        var desired = DesiredKernel()
        let tunnel = DesiredLink(name: "wg0", kind: .wireguard(.auto), alias: "wgctl:net")
        desired.links = [bridge, anchor, tunnel]
        desired.sysctls = [
            DesiredSysctl(key: "net/ipv4/conf/br-wg0/proxy_arp", value: "1"),
            DesiredSysctl(key: "net/ipv4/conf/wg0/rp_filter", value: "2"),
        ]
        desired.addresses = [
            DesiredAddress(interface: "br-wg0", address: address, prefixLength: 24),
            DesiredAddress(interface: "br-wg0", address: held, prefixLength: 24),
        ]
        // One stays on the bridge, one is wanted no more, one goes to the tunnel, and one there lacks its source.
        desired.routes = [
            DesiredRoute(destination: host(20), interface: "br-wg0"),
            DesiredRoute(destination: host(22), interface: "wg0", preferredSource: address),
            DesiredRoute(destination: host(24), interface: "wg0", preferredSource: address),
            DesiredRoute(destination: host(25), interface: "wg0", preferredSource: held),
        ]
        desired.proxyNeighbours = [ProxyNeighbour(interface: "br-wg0", address: IPAddress(v4: 0x0a00_0016))]
        var inventory = Inventory()
        inventory.links = ["br-wg0", "an0", "an0p", "wg0"]
        let result = Differ.kernelChanges(
            from: observed, to: desired, inventory: inventory,
            context: KernelContext(podman: .observed(ObservedPodman())))
        #expect(
            result.changes.map(\.text) == [
                "rename link foo (-> br-wg0)", "update link wg0 (down -> up)",
                "set sysctl net/ipv4/conf/wg0/rp_filter (0 -> 2)",
                "replace route 10.0.0.22/32 (dev foo -> dev wg0 src 10.0.0.1)",
                "add route 10.0.0.24/32 (dev wg0 src 10.0.0.1)",
            ])
        #expect(result.waiting.map(\.reason) == ["waiting for its source address"])
        #expect(result.conflicts.isEmpty)
    }

    @Test func oneEndIsNotGivenTwoNames() {
        var observed = links()
        observed["an0"] = nil
        observed["an0p"] = nil
        observed["x"] = ObservedLink(index: 12, name: "x", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true)
        #expect(changes(observed).changes.map(\.text) == ["rename link x (-> an0)"])
    }

    @Test func aNameThatManifestsHaveChangedIsNotGivenBack() {
        let old = ObservedLink(index: 10, name: "br-old", kind: "bridge", mtu: 1, alias: "wgctl:net", isUp: true)
        for inventory: Set<String> in [["br-old", "an0", "an0p"], []] {
            let texts = changes(links(old), inventory: inventory).changes.map(\.text)
            #expect(texts.contains("create link br-wg0 (bridge)") && texts.contains("delete link br-old (bridge)"))
        }
    }

    @Test func whereSeveralCouldBeMeantLinksAreMadeAnew() {
        let both = links(
            ObservedLink(index: 11, name: "x", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true),
            ObservedLink(index: 12, name: "y", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true))
        #expect(
            changes(both).changes.map(\.text) == [
                "create link an0 (veth with an0p, master br-wg0)", "delete link x (veth)",
            ])
    }

    @Test func aMarkThatIsWrittenOverIsPutBackOnTheSameLinkOnly() {
        let claimed = ObservedLink(index: 10, name: "br-wg0", kind: "bridge", mtu: 1420, alias: "mine", isUp: true)
        #expect(changes(links(claimed), own: ["br-wg0": 10]).changes == [.updateLink(bridge, before: claimed)])
        // Another link of that name is whose mark it carries.
        #expect(changes(links(claimed), own: ["br-wg0": 9]).conflicts.count == 1)
        #expect(changes(links(claimed)).conflicts.count == 1)
        #expect(changes(links(claimed), inventory: [], own: ["br-wg0": 10]).conflicts.count == 1)
    }

    @Test func aLinkThatWasPutIntoAVRFIsTakenOut() {
        let enslaved = ObservedLink(
            index: 10, name: "br-wg0", kind: "bridge", mtu: 1420, alias: "wgctl:net", master: "vrf1", isUp: true)
        #expect(changes(links(enslaved)).changes.map(\.text) == ["update link br-wg0 (master vrf1 -> none)"])
    }

    @Test func routesThatAreNotTakenAreToldAndNothingIsWritten() throws {
        var observed = ObservedKernel()
        observed.links = links()
        let way = ObservedShadow.Way(interface: "eth1", table: 100)
        for last in 20...21 as ClosedRange<UInt32> {
            observed.shadows.append(
                ObservedShadow(
                    destination: IPAddress(v4: 0x0a00_0000 + last).hostCIDR, interface: "br-wg0", instead: way))
        }
        var desired = DesiredKernel()
        desired.links = [bridge, anchor]
        func result() -> ChangeSet<KernelChange> {
            Differ.kernelChanges(
                from: observed, to: desired, inventory: Inventory(),
                context: KernelContext(podman: .observed(ObservedPodman())))
        }
        let conflict = try #require(result().conflicts.first)
        #expect(result().changes.isEmpty && result().conflicts.count == 1 && conflict.owner == "net")
        #expect(
            conflict.message.hasPrefix(
                "packets to 10.0.0.20 (and 1 more) go to eth1 by routing table 100, not to br-wg0 by our route: "))
        observed.shadows = [
            ObservedShadow(destination: IPAddress(v4: 0x0a00_0014).hostCIDR, interface: "br-wg0", instead: nil)
        ]
        #expect(result().conflicts.first?.message.hasPrefix("packets to 10.0.0.20 are dropped, ") == true)
    }

    @Test func aRouteChangedInPlaceIsOursAgainAndOneElsewhereIsNot() throws {
        let destination = IPAddress(v4: 0x0a00_0014).hostCIDR
        var desired = DesiredKernel()
        desired.links = [bridge, anchor]
        desired.routes = [DesiredRoute(destination: destination, interface: "br-wg0")]
        func result(_ interface: String, _ protocolNumber: UInt8) -> ChangeSet<KernelChange> {
            var observed = ObservedKernel()
            observed.links = links()
            observed.links["eth0"] = ObservedLink(index: 2, name: "eth0", kind: "", mtu: 1500, isUp: true)
            observed.routes = [
                ObservedRoute(
                    destination: destination, interface: interface, mtu: 1300, protocolNumber: protocolNumber, metric: 0
                )
            ]
            return Differ.kernelChanges(
                from: observed, to: desired, inventory: Inventory(),
                context: KernelContext(podman: .observed(ObservedPodman())))
        }
        #expect(
            result("br-wg0", 3).changes.map(\.text) == [
                "replace route 10.0.0.20/32 (dev br-wg0 mtu 1300 -> dev br-wg0)"
            ])
        // 2 is the kernel's own.
        for (interface, number) in [("eth0", UInt8(3)), ("br-wg0", 2)] {
            #expect(result(interface, number).changes.isEmpty && result(interface, number).conflicts.count == 1)
        }
    }

    /// Only packets of its type of service take it: it is in nobody's place, and a deletion that names none misses it.
    @Test func aForeignRouteForATypeOfServiceIsLeftAloneAndAMarkedOneGoes() {
        let destination = IPAddress(v4: 0x0a00_0014).hostCIDR
        var desired = DesiredKernel()
        desired.links = [bridge, anchor]
        desired.routes = [DesiredRoute(destination: destination, interface: "br-wg0")]
        func result(_ protocolNumber: UInt8, isRouted: Bool) -> ChangeSet<KernelChange> {
            var observed = ObservedKernel()
            observed.links = links()
            observed.routes = [
                ObservedRoute(
                    destination: destination, interface: "br-wg0", protocolNumber: protocolNumber, metric: 0,
                    typeOfService: 0x10)
            ]
            if isRouted {
                observed.routes.append(
                    ObservedRoute(destination: destination, interface: "br-wg0", protocolNumber: 87, metric: 0))
            }
            return Differ.kernelChanges(
                from: observed, to: desired, inventory: Inventory(),
                context: KernelContext(podman: .observed(ObservedPodman())))
        }
        #expect(result(3, isRouted: true) == ChangeSet<KernelChange>())
        let add = "add route 10.0.0.20/32 (dev br-wg0)"
        #expect(result(3, isRouted: false).changes.map(\.text) == [add])
        let delete = "delete route 10.0.0.20/32 (dev br-wg0 tos 0x10)"
        #expect(result(87, isRouted: true).changes.map(\.text) == [delete])
        #expect(result(87, isRouted: false).changes.map(\.text) == [add, delete])
    }
}
