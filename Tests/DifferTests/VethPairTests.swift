import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// What is left of a veth pair of ours when somebody has taken one end to another network namespace.
@Suite struct VethPairTests {
    private let mark = "wgctl:net"

    private func link(_ index: Int32, _ name: String, master: String? = nil) -> ObservedLink {
        ObservedLink(index: index, name: name, kind: "veth", mtu: 1420, alias: mark, master: master, isUp: true)
    }

    private func texts(
        _ standing: [ObservedLink], inventory names: Set<String> = ["br0", "an0", "an0p"]
    ) -> [String] {
        var observed = ObservedKernel()
        observed.links = [
            "br0": ObservedLink(index: 10, name: "br0", kind: "bridge", mtu: 1420, alias: mark, isUp: true)
        ]
        for link in standing { observed.links[link.name] = link }
        observed.sysctls = ["net/ipv4/conf/an0/arp_ignore": "8", "net/ipv4/conf/an0p/arp_ignore": "8"]
            .filter { key, _ in standing.contains { key.contains("/\($0.name)/") } }
        var desired = DesiredKernel()
        desired.links = [
            DesiredLink(name: "br0", kind: .bridge, alias: mark),
            DesiredLink(name: "an0", kind: .veth(peer: "an0p"), alias: mark, master: "br0"),
        ]
        desired.sysctls = [DesiredSysctl(key: "net/ipv4/conf/an0p/arp_ignore", value: "8")]
        var inventory = Inventory()
        inventory.links = names
        var podman = ObservedPodman()
        podman.networks["n"] = ObservedNetwork(
            name: "n", bridge: "br0", subnets: [], mtu: nil, isDNSEnabled: false,
            labels: [OwnershipMark.overlayLabel: "net"])
        inventory.networks["n"] = OwnedObject(id: "n")
        let result = Differ.kernelChanges(
            from: observed, to: desired, inventory: inventory,
            context: KernelContext(podman: .observed(podman)))
        #expect(result.conflicts.isEmpty && result.waiting.isEmpty)
        // What goes to make room is not surplus.
        let made = result.changes.prefix { !$0.text.hasPrefix("create") }
        #expect(result.sparingSurplus(because: "").changes.starts(with: made))
        return result.changes.map(\.text)
    }

    private let create = "create link an0 (veth with an0p, master br0)"
    private let set = "set sysctl net/ipv4/conf/an0p/arp_ignore (absent -> 8)"

    @Test func aPairWhoseOtherEndIsElsewhereIsMadeAgain() {
        #expect(texts([link(11, "an0", master: "br0")]) == ["delete link an0 (veth)", create, set])
        #expect(texts([link(12, "an0p")]) == ["delete link an0p (veth)", create, set])
    }

    @Test func anEndThatHasAnotherNameIsNotElsewhere() {
        #expect(texts([link(11, "an0", master: "br0"), link(12, "x")]) == ["rename link x (-> an0p)"])
        #expect(texts([link(11, "x", master: "br0"), link(12, "an0p")]) == ["rename link x (-> an0)"])
    }

    /// The old pair leaves the bridge at once, on which Podman's network stays.
    @Test func aPairOfWhichBothEndsHaveOtherNamesGoesWhenANewOneIsThere() {
        #expect(texts([link(11, "x", master: "br0"), link(12, "y")]) == [create, set, "delete link x (veth)"])
    }

    /// Without an inventory no name is given back: the pair is made anew, and the end of the other name goes with it.
    @Test func bothEndsOfAPairThatIsMadeAnewGoTogether() {
        #expect(
            texts([link(11, "an0", master: "br0"), link(12, "x")], inventory: [])
                == ["delete link an0 (veth)", create, set])
        #expect(
            texts([link(11, "x", master: "br0"), link(12, "an0p")], inventory: [])
                == ["delete link an0p (veth)", create, set])
    }
}
