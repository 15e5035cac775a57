import Differ
import HostState
import NetAddress
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
    ) -> ChangeSet {
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

    @Test func asItShouldBeNothingIsDone() { #expect(changes(links()) == ChangeSet()) }

    @Test func aRenamedLinkGetsItsNameBackBeforeAnythingElse() {
        let renamed = ObservedLink(
            index: 10, name: "foo", kind: "bridge", mtu: 1, alias: "wgctl:net", isUp: false)
        #expect(changes(links(renamed)).changes == [.kernel(.renameLink(renamed, to: "br-wg0"))])
        let end = ObservedLink(index: 12, name: "bar", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true)
        #expect(changes(links(end)).changes == [.kernel(.renameLink(end, to: "an0p"))])
    }

    @Test func aNameThatManifestsHaveChangedIsNotGivenBack() {
        let old = ObservedLink(index: 10, name: "br-old", kind: "bridge", mtu: 1, alias: "wgctl:net", isUp: true)
        for inventory: Set<String> in [["br-old", "an0", "an0p"], []] {
            let texts = changes(links(old), inventory: inventory).changes.map(Differ.text)
            #expect(texts.contains("create link br-wg0 (bridge)") && texts.contains("delete link br-old (bridge)"))
        }
    }

    @Test func whereSeveralCouldBeMeantLinksAreMadeAnew() {
        let both = links(
            ObservedLink(index: 11, name: "x", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true),
            ObservedLink(index: 12, name: "y", kind: "veth", mtu: 1420, alias: "wgctl:net", isUp: true))
        #expect(
            changes(both).changes.map(Differ.text) == [
                "create link an0 (veth with an0p, master br-wg0)", "delete link x (veth)",
            ])
    }

    @Test func aMarkThatIsWrittenOverIsPutBackOnTheSameLinkOnly() {
        let claimed = ObservedLink(index: 10, name: "br-wg0", kind: "bridge", mtu: 1420, alias: "mine", isUp: true)
        #expect(changes(links(claimed), own: ["br-wg0": 10]).changes == [.kernel(.updateLink(bridge, before: claimed))])
        // Another link of that name is whose mark it carries.
        #expect(changes(links(claimed), own: ["br-wg0": 9]).conflicts.count == 1)
        #expect(changes(links(claimed)).conflicts.count == 1)
        #expect(changes(links(claimed), inventory: [], own: ["br-wg0": 10]).conflicts.count == 1)
    }

    @Test func aLinkThatWasPutIntoAVRFIsTakenOut() {
        let enslaved = ObservedLink(
            index: 10, name: "br-wg0", kind: "bridge", mtu: 1420, alias: "wgctl:net", master: "vrf1", isUp: true)
        #expect(changes(links(enslaved)).changes.map(Differ.text) == ["update link br-wg0 (master vrf1 -> none)"])
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
        func result() -> ChangeSet {
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
        func result(_ interface: String, _ protocolNumber: UInt8) -> ChangeSet {
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
            result("br-wg0", 3).changes.map(Differ.text) == [
                "replace route 10.0.0.20/32 (dev br-wg0 mtu 1300 -> dev br-wg0)"
            ])
        // 2 is the kernel's own.
        for (interface, number) in [("eth0", UInt8(3)), ("br-wg0", 2)] {
            #expect(result(interface, number).changes.isEmpty && result(interface, number).conflicts.count == 1)
        }
    }
}
