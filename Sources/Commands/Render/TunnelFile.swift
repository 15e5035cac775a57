internal import HostState
internal import Import
internal import NetAddress
internal import Planner

/// A configuration file for a host's tunnel, for a host that does not run wgd.
struct TunnelFile {
    /// Where it belongs.
    var path: String
    var text: String
}

/// Which program reads the files.
enum TunnelFormat: String, CaseIterable {
    case wgQuick = "wg-quick"
    case networkd

    /// The tunnels of a host: devices with their peers, the addresses and routes on them. The private key is the
    /// host's own affair; bridges and containers are not part of it.
    ///
    /// - Parameter keyless: named in a comment, as they cannot be peers.
    func files(of host: DesiredHost, keyless: [Planner.KeylessMember] = []) -> [TunnelFile] {
        host.kernel.devices.flatMap { device -> [TunnelFile] in
            let missing = keyless.filter { $0.overlay == device.overlay && $0.node != host.node }.map(\.node)
            let tunnel = Tunnel(device: device, host: host, keyless: missing)
            switch self {
            case .wgQuick: return [tunnel.wgQuick]
            case .networkd: return [tunnel.networkdDevice, tunnel.networkdNetwork]
            }
        }
    }
}

/// One tunnel of a desired host.
private struct Tunnel {
    let device: DesiredDevice
    let title: String
    let addresses: [DesiredAddress]
    let routes: [DesiredRoute]
    let mtu: UInt32?
    /// Comments in place of the peers that have no key.
    let leftOut: [String]

    init(device: DesiredDevice, host: DesiredHost, keyless: [String]) {
        leftOut = keyless.flatMap { ["", "# \($0) is left out: its Node has no publicKey (PublicKeyMissing)"] }
        self.device = device
        let kernel = host.kernel
        let network = host.podman.networks.first { $0.overlay == device.overlay }
        title =
            "# "
            + RenderedTitle(
                overlay: device.overlay, subnets: network?.subnets.map(\.subnet) ?? [], node: host.node ?? ""
            ).text
        addresses = kernel.addresses.filter { $0.interface == device.interface }
        routes = kernel.routes.filter { $0.interface == device.interface }
        mtu = kernel.links.first { $0.name == device.interface }?.mtu
    }

    /// wg-quick(8): it makes the routes itself, from the allowed IPs.
    var wgQuick: TunnelFile {
        var lines = [title, "[Interface]"]
        lines += keyComments("PrivateKey = …", equals: " = ")
        lines += addresses.map { "Address = \($0.address)/\($0.prefixLength)" }
        lines += ["ListenPort = \(device.listenPort)"] + (mtu.map { ["MTU = \($0)"] } ?? [])
        if device.fwmark != 0 { lines.append("FwMark = \(device.fwmark)") }
        for peer in device.peers { lines += ["", "# \(peer.node)", "[Peer]"] + fields(of: peer, equals: " = ") }
        lines += leftOut
        return TunnelFile(path: "/etc/wireguard/\(device.interface).conf", text: lines.joined(separator: "\n") + "\n")
    }

    /// systemd.netdev(5)
    var networkdDevice: TunnelFile {
        var lines = [title, "[NetDev]", "Name=\(device.interface)", "Kind=wireguard"]
        lines += (mtu.map { ["MTUBytes=\($0)"] } ?? []) + ["", "[WireGuard]"]
        lines += keyComments("PrivateKeyFile=/etc/systemd/network/\(device.interface).key", equals: "=")
        lines.append("ListenPort=\(device.listenPort)")
        if device.fwmark != 0 { lines.append("FirewallMark=\(device.fwmark)") }
        for peer in device.peers { lines += ["", "# \(peer.node)", "[WireGuardPeer]"] + fields(of: peer, equals: "=") }
        lines += leftOut
        return networkd("netdev", lines)
    }

    /// systemd.network(5)
    var networkdNetwork: TunnelFile {
        var lines = [title, "[Match]", "Name=\(device.interface)", "", "[Network]"]
        lines += addresses.map { "Address=\($0.address)/\($0.prefixLength)" }
        for route in routes {
            lines += ["", "[Route]", "Destination=\(route.destination)"]
            if let source = route.preferredSource { lines.append("PreferredSource=\(source)") }
            if let mtu = route.mtu { lines.append("MTUBytes=\(mtu)") }
        }
        return networkd("network", lines)
    }

    private func keyComments(_ setting: String, equals: String) -> [String] {
        let comment = "# the private key stays on this host: put it there yourself, the one "
        // Without them its peers refuse it.
        let missing =
            device.presharedKeyFile == nil
            ? [] : ["# the overlay has preshared keys, which only wgd derives: its hosts do not answer to this file"]
        guard let key = device.publicKey else {
            return ["# \(setting)", comment + "whose public key belongs into the Node"] + missing
        }
        return ["# \(setting)", "# PublicKey\(equals)\(key)", comment + "of this public key"] + missing
    }

    private func networkd(_ suffix: String, _ lines: [String]) -> TunnelFile {
        TunnelFile(
            path: "/etc/systemd/network/50-\(device.interface).\(suffix)", text: lines.joined(separator: "\n") + "\n")
    }

    /// Both formats have the names of wg(8).
    private func fields(of peer: DesiredPeer, equals: String) -> [String] {
        var fields = [("PublicKey", "\(peer.publicKey)")]
        if let endpoint = peer.endpoint { fields.append(("Endpoint", "\(endpoint)")) }
        if peer.persistentKeepalive > 0 { fields.append(("PersistentKeepalive", "\(peer.persistentKeepalive)")) }
        fields.append(("AllowedIPs", peer.allowedIPs.map(\.description).joined(separator: ", ")))
        return fields.map { $0.0 + equals + $0.1 }
    }
}
