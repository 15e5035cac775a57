import HostState
import NetAddress

extension DesiredLink {
    var summary: String {
        let kindText =
            switch kind {
            case .bridge: "bridge"
            case .veth(let peer): "veth with \(peer)"
            case .wireguard(let backend): "wireguard, backend \(backend.rawValue)"
            }
        return [kindText, mtu.map { "mtu \($0)" }, macAddress.map { "mac \($0)" }, master.map { "master \($0)" }]
            .compactMap { $0 }.joined(separator: ", ")
    }

    /// What an update changes, each as `before -> after`.
    func difference(from before: ObservedLink) -> String {
        var parts: [String] = []
        if let mtu, mtu != before.mtu { parts.append("mtu \(before.mtu) -> \(mtu)") }
        if let macAddress, macAddress != before.macAddress {
            parts.append("mac \(before.macAddress?.description ?? "none") -> \(macAddress)")
        }
        if master != before.master {
            parts.append("master \(before.master ?? "none") -> \(master ?? "none")")
        }
        if alias != before.alias { parts.append("alias \(before.alias ?? "none") -> \(alias)") }
        if !before.isUp { parts.append("down -> up") }
        return parts.joined(separator: ", ")
    }
}

extension DesiredRoute {
    var summary: String {
        ["dev \(interface)", preferredSource.map { "src \($0)" }, mtu.map { "mtu \($0)" }].compactMap { $0 }
            .joined(separator: " ")
    }
}

extension ObservedRoute {
    var summary: String {
        [
            gateway.map { "via \($0)" }, interface.map { "dev \($0)" } ?? "without a device",
            typeOfService.map { "tos 0x\(String($0, radix: 16))" }, preferredSource.map { "src \($0)" },
            mtu.map { "mtu \($0)" },
        ].compactMap { $0 }.joined(separator: " ")
    }
}

extension DesiredPeer {
    func summary(interface: String, endpoint: SocketAddress?) -> String {
        [
            "dev \(interface)", "public key \(publicKey)", endpoint.map { "endpoint \($0)" },
            persistentKeepalive > 0 ? "persistent keepalive \(persistentKeepalive) s" : nil,
            presharedKey.map { _ in "with a preshared key" },
            "allowed IPs \(allowedIPs.map(\.description).joined(separator: ", "))",
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

extension PeerUpdate {
    func summary(interface: String) -> String {
        var parts = ["dev \(interface)"]
        if let endpoint { parts.append("endpoint -> \(endpoint)") }
        if let persistentKeepalive { parts.append("persistent keepalive -> \(persistentKeepalive) s") }
        switch presharedKey {
        case .set?: parts.append("preshared key -> the right one")
        case .clear?: parts.append("preshared key -> none")
        case nil: break
        }
        parts += addAllowedIPs.map { "+\($0)" } + removeAllowedIPs.map { "-\($0)" }
        return parts.joined(separator: ", ")
    }
}
