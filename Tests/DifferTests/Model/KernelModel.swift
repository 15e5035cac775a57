import HostState
import NetAddress
import NetworkState

/// A refusal, worded after the errno that Linux gives.
struct Refused: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The kernel as far as the differ knows it, with Linux's own side effects and refusals.
struct KernelModel {
    var state = ObservedKernel()
    /// Every sysctl that anybody asks for; those of an interface exist while it does.
    var askedSysctls: Set<String> = []
    /// The two ends of each veth pair, both ways round, by index: the kernel knows no pair by its names.
    var pairs: [Int32: Int32] = [:]
    private var nextIndex: Int32 = 10

    init() {
        state.links["eth0"] = ObservedLink(index: 2, name: "eth0", kind: "", mtu: 1500, isUp: true)
        state.addresses.append(
            ObservedAddress(interface: "eth0", address: IPAddress(v4: 0xc0a8_010a), prefixLength: 24))
    }

    mutating func apply(_ change: KernelChange) throws {
        switch change {
        case .createLink(let link): try create(link)
        case .updateLink(let link, _): try update(link)
        case .deleteLink(let link): try delete(link.name)
        case .renameLink(let link, let name): try rename(link.name, to: name)
        case .attachPort(let link, let bridge, _): try attach(link.name, to: bridge)
        case .addAddress(let address): try add(address)
        case .deleteAddress(let address): try delete(address)
        case .addRoute(let route): try add(route)
        case .replaceRoute(let route, _): try replace(route)
        case .deleteRoute(let route): try delete(route)
        case .addProxyNeighbour(let entry):
            guard state.links[entry.interface] != nil else { throw Refused("ENODEV: proxy on \(entry.interface)") }
            guard state.proxyNeighbours.insert(entry).inserted else { throw Refused("EEXIST: proxy \(entry.address)") }
        case .deleteProxyNeighbour(let entry):
            guard state.proxyNeighbours.remove(entry) != nil else { throw Refused("ENOENT: proxy \(entry.address)") }
        case .setSysctl(let sysctl, let before):
            guard before == nil || state.sysctls[sysctl.key] == before else { throw Refused("stale \(sysctl.key)") }
            try set(sysctl.key, sysctl.value)
        case .restoreSysctl(let key, let value): try set(key, value)
        case .configureDevice(let interface, let publicKey, let listenPort, let fwmark, before: _):
            try withDevice(interface) {
                $0.publicKey = publicKey
                $0.listenPort = listenPort
                $0.fwmark = fwmark
            }
        case .addPeer(let interface, let peer, let endpoint): try add(peer, endpoint: endpoint, to: interface)
        case .updatePeer(let interface, let update): try apply(update, to: interface)
        case .removePeer(let interface, let peer):
            try withDevice(interface) { device throws in
                guard device.peers.removeValue(forKey: peer.publicKey) != nil else {
                    throw Refused("no peer to remove")
                }
            }
        case .announce(let interface, _, _):
            guard state.links[interface] != nil else { throw Refused("ENODEV: announce on \(interface)") }
        }
    }

    mutating func makeSysctls(of interface: String) {
        for key in askedSysctls where key.split(separator: "/").contains(Substring(interface)) {
            state.sysctls[key] = state.sysctls[key] ?? (key.hasSuffix("proxy_delay") ? "80" : "default")
        }
    }

    /// Adds keys to those that are observed.
    mutating func ask(_ keys: [String]) {
        askedSysctls.formUnion(keys)
        for interface in state.links.keys { makeSysctls(of: interface) }
        for key in ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"] where askedSysctls.contains(key) {
            state.sysctls[key] = state.sysctls[key] ?? "0"
        }
    }

    mutating func index() -> Int32 {
        nextIndex += 1
        return nextIndex
    }

    private mutating func set(_ key: String, _ value: String) throws {
        guard state.sysctls[key] != nil else { throw Refused("ENOENT: sysctl \(key)") }
        if key.hasSuffix("/proxy_arp"), value == "1" {
            let delay = key.replacing("/conf/", with: "/neigh/").replacing("proxy_arp", with: "proxy_delay")
            guard state.sysctls[delay] == "0" else { throw Refused("proxy_arp before proxy_delay") }
        }
        state.sysctls[key] = value
    }

    private mutating func withDevice(_ name: String, _ body: (inout ObservedDevice) throws -> Void) throws {
        guard var device = state.devices[name] else { throw Refused("ENODEV: no WireGuard device \(name)") }
        try body(&device)
        state.devices[name] = device
    }

    private mutating func add(_ peer: DesiredPeer, endpoint: SocketAddress?, to interface: String) throws {
        try withDevice(interface) { device throws in
            guard device.peers[peer.publicKey] == nil else { throw Refused("peer exists") }
            guard device.publicKey != nil else { throw Refused("peer before key") }
            for other in device.peers.keys { device.peers[other]?.allowedIPs.subtract(peer.allowedIPs) }
            device.peers[peer.publicKey] = ObservedPeer(
                publicKey: peer.publicKey, endpoint: endpoint, persistentKeepalive: peer.persistentKeepalive,
                presharedKey: peer.presharedKey, allowedIPs: Set(peer.allowedIPs))
        }
    }

    private mutating func apply(_ update: PeerUpdate, to interface: String) throws {
        guard !update.isEmpty else { throw Refused("an empty update") }
        try withDevice(interface) { device throws in
            guard var peer = device.peers[update.publicKey] else { throw Refused("no peer to update") }
            peer.endpoint = update.endpoint ?? peer.endpoint
            peer.persistentKeepalive = update.persistentKeepalive ?? peer.persistentKeepalive
            switch update.presharedKey {
            case .set(let fingerprint)?: peer.presharedKey = fingerprint
            case .clear?: peer.presharedKey = nil
            case nil: break
            }
            for other in device.peers.keys { device.peers[other]?.allowedIPs.subtract(update.addAllowedIPs) }
            guard peer.allowedIPs.isSuperset(of: update.removeAllowedIPs) else {
                throw Refused("no allowed IP to remove")
            }
            peer.allowedIPs.formUnion(update.addAllowedIPs)
            peer.allowedIPs.subtract(update.removeAllowedIPs)
            device.peers[update.publicKey] = peer
        }
    }
}
