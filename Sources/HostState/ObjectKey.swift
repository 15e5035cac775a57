public import NetAddress

/// Which object a change acts on: changes with equal keys make, alter or delete the same one.
public enum ObjectKey: Hashable, Sendable, Codable {
    case link(String)
    case address(IPAddress, interface: String)
    case route(CIDR)
    case proxyNeighbour(IPAddress, interface: String)
    case sysctl(String)
    /// The key and listen port of a WireGuard interface.
    case device(String)
    case peer(PublicKey, interface: String)
    case network(String)
    case container(String)
    case image(String)
    /// Our nftables table.
    case table(String)
    /// Those of all containers.
    case podmanRules
}

extension ObjectKey: CustomStringConvertible {
    /// `route 10.0.0.20/32`, as changes are told.
    public var description: String {
        switch self {
        case .link(let name): "link \(name)"
        case .address(let address, let interface): "address \(address) of \(interface)"
        case .route(let destination): "route \(destination)"
        case .proxyNeighbour(let address, let interface): "proxy neighbour \(address) of \(interface)"
        case .sysctl(let key): "sysctl \(key)"
        case .device(let interface): "device \(interface)"
        case .peer(let publicKey, let interface): "peer \(publicKey) of \(interface)"
        case .network(let name): "network \(name)"
        case .container(let name): "container \(name)"
        case .image(let reference): "image \(reference)"
        case .table(let name): "table inet \(name)"
        case .podmanRules: "Podman's firewall rules"
        }
    }
}

extension Change {
    /// The object that it acts on.
    public var object: ObjectKey {
        switch self {
        case .kernel(let change): change.object
        case .podman(let change): change.object
        case .firewall(.replaceTable), .firewall(.deleteTable): .table(DesiredFirewall.table)
        case .firewall(.reloadPodmanRules): .podmanRules
        }
    }

    /// What comes to stand by it and others hang on: links, both ends of a veth pair, and Podman networks.
    public var creates: [ObjectKey] {
        switch self {
        case .kernel(.createLink(let link)):
            if case .veth(let peer) = link.kind { [object, .link(peer)] } else { [object] }
        case .kernel(.renameLink): [object]
        case .podman(.createNetwork): [object]
        default: []
        }
    }

    /// What must stand for it beyond the object itself: the interface, the bridge, the Podman network.
    public var requires: [ObjectKey] {
        switch self {
        case .kernel(let change): change.interfaces.map { .link($0) }
        case .podman(.createContainer(let container)), .podman(.startContainer(let container, _)),
            .podman(.restoreContainer(let container, _, _)):
            container.networks.map { .network($0.network) }
        case .podman, .firewall: []
        }
    }
}

extension KernelChange {
    fileprivate var object: ObjectKey {
        switch self {
        case .createLink(let link), .updateLink(let link, before: _): .link(link.name)
        case .renameLink(_, to: let name): .link(name)
        case .deleteLink(let link), .attachPort(let link, bridge: _, container: _): .link(link.name)
        case .addAddress(let address): .address(address.address, interface: address.interface)
        case .deleteAddress(let address): .address(address.address, interface: address.interface)
        case .addRoute(let route), .replaceRoute(let route, before: _): .route(route.destination)
        case .deleteRoute(let route): .route(route.destination)
        case .addProxyNeighbour(let entry), .deleteProxyNeighbour(let entry):
            .proxyNeighbour(entry.address, interface: entry.interface)
        case .setSysctl(let sysctl, before: _): .sysctl(sysctl.key)
        case .restoreSysctl(let key, value: _): .sysctl(key)
        case .configureDevice(let interface, publicKey: _, listenPort: _, fwmark: _): .device(interface)
        case .addPeer(let interface, let peer, endpoint: _): .peer(peer.publicKey, interface: interface)
        case .updatePeer(let interface, let update): .peer(update.publicKey, interface: interface)
        case .removePeer(let interface, let peer): .peer(peer.publicKey, interface: interface)
        // It tells of a route that came.
        case .announce(interface: _, let address, macAddress: _): .route(address.hostCIDR)
        }
    }

    /// The names of the interfaces that it needs.
    fileprivate var interfaces: [String] {
        switch self {
        case .createLink(let link), .updateLink(let link, before: _): link.master.map { [$0] } ?? []
        case .attachPort(_, let bridge, container: _): [bridge]
        case .addAddress(let address): [address.interface]
        case .addRoute(let route), .replaceRoute(let route, before: _): [route.interface]
        case .addProxyNeighbour(let entry): [entry.interface]
        case .setSysctl(let sysctl, before: _): SysctlKey.interface(of: sysctl.key).map { [$0] } ?? []
        case .configureDevice(let interface, publicKey: _, listenPort: _, fwmark: _): [interface]
        case .addPeer(let interface, _, endpoint: _), .updatePeer(let interface, _): [interface]
        case .announce(let interface, address: _, macAddress: _): [interface]
        case .deleteLink, .renameLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .restoreSysctl, .removePeer:
            []
        }
    }
}

extension PodmanChange {
    fileprivate var object: ObjectKey {
        switch self {
        case .createNetwork(let network): .network(network.name)
        case .removeNetwork(let name): .network(name)
        case .pullImage(let container): .image(container.image)
        case .createContainer(let container), .startContainer(let container, id: _),
            .restoreContainer(let container, id: _, faults: _):
            .container(container.name)
        case .stopContainer(let name, id: _, timeout: _), .removeContainer(let name, id: _, timeout: _):
            .container(name)
        }
    }
}
