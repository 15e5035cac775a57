import HostState
import NetAddress
import Resources

/// One overlay as this host sees it: the terms that every part of its plan shares.
struct OverlayView {
    let overlay: Overlay
    let node: Node
    let membership: OverlayMembership
    /// The names that the overlay and this node were made with: what derives from a name derives from these.
    let originalName: String
    let originalNode: String
    let names: InterfaceNames
    let mtu: UInt32
    /// The other members, sorted by name.
    let remotes: [(node: Node, membership: OverlayMembership)]

    init(overlay: Overlay, node: Node, membership: OverlayMembership, nodes: [Node], facts: HostFacts) {
        let name = overlay.metadata.name
        self.overlay = overlay
        self.node = node
        self.membership = membership
        originalName = facts.identities.original(ofOverlay: name)
        originalNode = facts.identities.original(ofNode: node.metadata.name)
        names = InterfaceNames(wireguard: membership.interface ?? overlay.spec.wireguard.interface)
        mtu = overlay.spec.wireguard.mtu ?? Planner.tunnelMTU(underlay: facts.underlayMTU)
        remotes = nodes.compactMap { other in
            guard other.metadata.name != node.metadata.name else { return nil }
            return other.spec.overlays.first { $0.name == name }.map { (other, $0) }
        }
    }

    var name: String { overlay.metadata.name }
    var networkName: String { overlay.spec.network.name ?? originalName }
    var alias: String { OwnershipMark.alias(overlay: originalName) }
    var listenPort: UInt16 { membership.listenPort ?? overlay.spec.wireguard.listenPort }

    var families: Set<IPAddress.Family> { Set(membership.addresses.map(\.family)) }

    /// This host's own overlay address of a family.
    func ownAddress(_ family: IPAddress.Family) -> IPAddress? {
        membership.addresses.filter { $0.family == family }.min()
    }

    /// The subnets that this host has an address in, each with that address.
    var subnets: [(subnet: CIDR, own: IPAddress)] {
        overlay.spec.subnets.sorted().compactMap { subnet in
            membership.addresses.filter(subnet.contains).min().map { (subnet, $0) }
        }
    }

    /// The addresses that a node's containers hold on this overlay, in manifest order.
    func containerAddresses(of node: Node) -> [IPAddress] {
        node.spec.containers.flatMap { $0.networks }.filter { $0.overlay == name }.flatMap(\.addresses)
    }
}
