public import HostState
import NetAddress

extension Differ {
    /// A change in words, for events and `wgctl diff`: a verb, what it acts on, and what differs (may be empty).
    public static func describe(_ change: Change) -> (action: String, object: String, detail: String) {
        switch change {
        case .kernel(let change): describe(change)
        case .podman(let change): describe(change)
        case .firewall(let change): change.words
        }
    }

    /// The same as one line.
    public static func text(_ change: Change) -> String {
        let (action, object, detail) = describe(change)
        return detail.isEmpty ? "\(action) \(object)" : "\(action) \(object) (\(detail))"
    }

    private static func describe(_ change: PodmanChange) -> (String, String, String) {
        switch change {
        case .createNetwork(let network):
            let subnets = network.subnets.map { "\($0.subnet) gateway \($0.gateway)" }.joined(separator: ", ")
            return ("create", "network \(network.name)", "\(subnets), bridge \(network.bridge), mtu \(network.mtu)")
        case .removeNetwork(let name): return ("delete", "network \(name)", "")
        case .pullImage(let container): return ("pull", "image \(container.image)", "for container \(container.name)")
        case .createContainer(let container):
            let addresses = container.networks.flatMap(\.addresses).map(\.description).joined(separator: ", ")
            let network = addresses.isEmpty ? "no network" : "addresses \(addresses)"
            return ("create", "container \(container.name)", "image \(container.image), \(network)")
        case .startContainer(let container, _): return ("start", "container \(container.name)", "")
        case .restoreContainer(let container, _, let faults):
            let what = faults.map(\.text).joined(separator: ", ")
            return ("restore", "container \(container.name)", "it \(what)")
        case .stopContainer(let name, _, _): return ("stop", "container \(name)", "")
        case .removeContainer(let name, _, let timeout):
            return ("delete", "container \(name)", "stop timeout \(timeout) s")
        }
    }

    private static func describe(_ change: KernelChange) -> (String, String, String) {
        switch change {
        case .createLink(let link): ("create", "link \(link.name)", link.summary)
        case .updateLink(let link, let before): ("update", "link \(link.name)", link.difference(from: before))
        case .deleteLink(let link): ("delete", "link \(link.name)", link.kind)
        case .renameLink(let link, to: let name): ("rename", "link \(link.name)", "-> \(name)")
        case .attachPort(let link, let bridge, let container):
            ("attach", "link \(link.name)", "container \(container), bridge \(bridge)")
        case .addAddress(let address):
            ("add", "address \(address.address)/\(address.prefixLength)", "dev \(address.interface)")
        case .deleteAddress(let address):
            (
                "delete", "address \(address.address)/\(address.prefixLength)",
                "dev \(address.interface)" + (address.peer.map { ", peer \($0)" } ?? "")
                    + (address.isDuplicate ? ", dadfailed" : "")
            )
        case .addRoute(let route): ("add", "route \(route.destination)", route.summary)
        case .replaceRoute(let route, let before):
            ("replace", "route \(route.destination)", "\(before.summary) -> \(route.summary)")
        case .deleteRoute(let route): ("delete", "route \(route.destination)", route.summary)
        case .addProxyNeighbour(let entry): ("add", "proxy neighbour \(entry.address)", "dev \(entry.interface)")
        case .deleteProxyNeighbour(let entry): ("delete", "proxy neighbour \(entry.address)", "dev \(entry.interface)")
        case .setSysctl(let sysctl, let before):
            ("set", "sysctl \(sysctl.key)", "\(before ?? "absent") -> \(sysctl.value)")
        case .restoreSysctl(let key, let value): ("restore", "sysctl \(key)", "-> \(value)")
        case .configureDevice(let interface, let publicKey, let listenPort, let fwmark):
            (
                "configure", "device \(interface)",
                "public key \(publicKey), listen port \(listenPort)" + (fwmark == 0 ? "" : ", fwmark \(fwmark)")
            )
        case .addPeer(let interface, let peer, let endpoint):
            ("add", "peer \(peer.node)", peer.summary(interface: interface, endpoint: endpoint))
        case .updatePeer(let interface, let update):
            ("update", "peer \(update.node)", update.summary(interface: interface))
        case .removePeer(let interface, let peer): ("delete", "peer \(peer.publicKey)", "dev \(interface)")
        case .announce(let interface, let address, let macAddress):
            ("announce", "address \(address)", "dev \(interface)" + (macAddress.map { ", at \($0)" } ?? ""))
        }
    }
}
