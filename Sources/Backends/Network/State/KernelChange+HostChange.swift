public import Convergence
internal import HostState
internal import NetAddress

extension LaneName {
    /// rtnetlink, `/proc/sys` and WireGuard, with a common order because routes follow allowed IPs.
    public static let network = LaneName(rawValue: "network")
}

extension KernelChange: HostChange {
    public typealias Order = Prerequisites

    public var object: KernelObject {
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
        case .configureDevice(let interface, publicKey: _, listenPort: _, fwmark: _, before: _): .device(interface)
        case .addPeer(let interface, let peer, endpoint: _): .peer(peer.publicKey, interface: interface)
        case .updatePeer(let interface, let update): .peer(update.publicKey, interface: interface)
        case .removePeer(let interface, let peer): .peer(peer.publicKey, interface: interface)
        // It announces a new route.
        case .announce(interface: _, let address, macAddress: _): .route(address.hostCIDR)
        }
    }

    public var operation: ChangeOperation {
        switch self {
        case .createLink, .addAddress, .addRoute, .addProxyNeighbour, .addPeer: .create
        case .updateLink, .renameLink, .attachPort, .replaceRoute, .setSysctl, .configureDevice, .updatePeer: .update
        case .deleteLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .removePeer: .delete
        case .restoreSysctl: .restore
        case .announce: .announce
        }
    }

    /// Links, with both ends of a veth pair.
    public var creates: [KernelObject] {
        switch self {
        case .createLink(let link):
            if case .veth(let peer) = link.kind { [object, .link(peer)] } else { [object] }
        case .renameLink: [object]
        default: []
        }
    }

    /// The interfaces that it needs.
    public var requires: [KernelObject] {
        switch self {
        case .createLink(let link), .updateLink(let link, before: _): link.master.map { [.link($0)] } ?? []
        case .attachPort(_, let bridge, container: _): [.link(bridge)]
        case .addAddress(let address): [.link(address.interface)]
        case .addRoute(let route), .replaceRoute(let route, before: _): [.link(route.interface)]
        case .addProxyNeighbour(let entry): [.link(entry.interface)]
        case .setSysctl(let sysctl, before: _): SysctlKey.interface(of: sysctl.key).map { [.link($0)] } ?? []
        case .configureDevice(let interface, publicKey: _, listenPort: _, fwmark: _, before: _): [.link(interface)]
        case .addPeer(let interface, _, endpoint: _), .updatePeer(let interface, _): [.link(interface)]
        case .announce(let interface, address: _, macAddress: _): [.link(interface)]
        case .deleteLink, .renameLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .restoreSysctl, .removePeer:
            []
        }
    }

    public var takesAway: KernelObject? { if case .deleteLink = self { object } else { nil } }

    public var repair: RepairPart { if case .announce = self { .accompanying } else { .whole } }

    public var isDueToOthers: Bool {
        switch self {
        case .announce: false
        case .updatePeer(_, let update): !(update.isEndpointOnly && update.mayHaveRoamed)
        default: true
        }
    }

    public func regarding(_ owners: Owners) -> ResourceReference {
        switch self {
        case .createLink(let link), .updateLink(let link, _): owners.owner(ofInterface: link.name)
        case .deleteLink(let link):
            link.alias.map { .overlay(owners.overlay(ofMark: $0)) } ?? owners.node
        case .renameLink(_, to: let name): owners.owner(ofInterface: name)
        case .attachPort(_, bridge: _, let container): .container(container)
        case .addAddress(let address): owners.owner(ofInterface: address.interface)
        case .deleteAddress(let address): owners.owner(ofInterface: address.interface)
        case .addRoute(let route), .replaceRoute(let route, _):
            owners.owner(of: route.destination, interface: route.interface)
        case .deleteRoute(let route): owners.owner(of: route.destination, interface: route.interface)
        case .addProxyNeighbour(let entry), .deleteProxyNeighbour(let entry):
            owners.owner(of: entry.address.hostCIDR, interface: entry.interface)
        case .setSysctl(let sysctl, _):
            SysctlKey.interface(of: sysctl.key).map(owners.owner(ofInterface:)) ?? owners.node
        case .restoreSysctl(let key, _): SysctlKey.interface(of: key).map(owners.owner(ofInterface:)) ?? owners.node
        case .configureDevice(let interface, _, _, _, _), .removePeer(let interface, _):
            owners.owner(ofInterface: interface)
        case .addPeer(_, let peer, _): .node(peer.node)
        case .updatePeer(_, let update): .node(update.node)
        case .announce(let interface, let address, _): owners.owner(of: address.hostCIDR, interface: interface)
        }
    }
}

extension KernelChange {
    public var words: ChangeWords {
        switch self {
        case .createLink(let link): ChangeWords("create", "link \(link.name)", link.summary)
        case .updateLink(let link, let before):
            ChangeWords("update", "link \(link.name)", link.difference(from: before))
        case .deleteLink(let link): ChangeWords("delete", "link \(link.name)", link.kind)
        case .renameLink(let link, to: let name): ChangeWords("rename", "link \(link.name)", "-> \(name)")
        case .attachPort(let link, let bridge, let container):
            ChangeWords("attach", "link \(link.name)", "container \(container), bridge \(bridge)")
        case .addAddress(let address):
            ChangeWords("add", "address \(address.address)/\(address.prefixLength)", "dev \(address.interface)")
        case .deleteAddress(let address):
            ChangeWords(
                "delete", "address \(address.address)/\(address.prefixLength)",
                "dev \(address.interface)" + (address.peer.map { ", peer \($0)" } ?? "")
                    + (address.isDuplicate ? ", dadfailed" : ""))
        case .addRoute(let route): ChangeWords("add", "route \(route.destination)", route.summary)
        case .replaceRoute(let route, let before):
            ChangeWords("replace", "route \(route.destination)", "\(before.summary) -> \(route.summary)")
        case .deleteRoute(let route): ChangeWords("delete", "route \(route.destination)", route.summary)
        case .addProxyNeighbour(let entry):
            ChangeWords("add", "proxy neighbour \(entry.address)", "dev \(entry.interface)")
        case .deleteProxyNeighbour(let entry):
            ChangeWords("delete", "proxy neighbour \(entry.address)", "dev \(entry.interface)")
        case .setSysctl(let sysctl, let before):
            ChangeWords("set", "sysctl \(sysctl.key)", "\(before ?? "absent") -> \(sysctl.value)")
        case .restoreSysctl(let key, let value): ChangeWords("restore", "sysctl \(key)", "-> \(value)")
        case .configureDevice(let interface, let publicKey, let listenPort, let fwmark, before: nil):
            ChangeWords(
                "configure", "device \(interface)",
                "public key \(publicKey), listen port \(listenPort)" + (fwmark == 0 ? "" : ", fwmark \(fwmark)"))
        case .configureDevice(let interface, _, _, _, before: .some):
            ChangeWords("configure", "device \(interface)", fields.map(\.text).joined(separator: ", "))
        case .addPeer(let interface, let peer, let endpoint):
            ChangeWords("add", "peer \(peer.node)", peer.summary(interface: interface, endpoint: endpoint))
        case .updatePeer(let interface, let update):
            ChangeWords("update", "peer \(update.node)", update.summary(interface: interface))
        case .removePeer(let interface, let peer): ChangeWords("delete", "peer \(peer.publicKey)", "dev \(interface)")
        case .announce(let interface, let address, let macAddress):
            ChangeWords(
                "announce", "address \(address)", "dev \(interface)" + (macAddress.map { ", at \($0)" } ?? ""))
        }
    }
}
