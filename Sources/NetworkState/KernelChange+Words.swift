public import Convergence
internal import HostState
internal import NetAddress

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
        case .configureDevice(let interface, let publicKey, let listenPort, let fwmark):
            ChangeWords(
                "configure", "device \(interface)",
                "public key \(publicKey), listen port \(listenPort)" + (fwmark == 0 ? "" : ", fwmark \(fwmark)"))
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
