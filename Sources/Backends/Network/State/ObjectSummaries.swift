import Convergence
import HostState
import NetAddress

extension DesiredLink {
    var kindText: String {
        switch kind {
        case .bridge: "bridge"
        case .veth(let peer): "veth with \(peer)"
        case .wireguard(let backend): "wireguard, backend \(backend.rawValue)"
        }
    }

    var summary: String {
        [kindText, mtu.map { "mtu \($0)" }, macAddress.map { "mac \($0)" }, master.map { "master \($0)" }]
            .compactMap { $0 }.joined(separator: ", ")
    }

    /// What an update changes, each as `before -> after`.
    func difference(from before: ObservedLink) -> String {
        differences(from: before).map { $0.field == "state" ? "down -> up" : $0.text }.joined(separator: ", ")
    }

    /// What an update changes.
    func differences(from before: ObservedLink) -> [FieldChange] {
        [
            mtu.flatMap { FieldChange("mtu", from: before.mtu, to: $0) },
            macAddress.flatMap { FieldChange("mac", from: before.macAddress, to: $0) },
            FieldChange("master", from: before.master, to: master),
            FieldChange("alias", from: before.alias, to: alias),
            FieldChange("state", from: before.isUp ? "up" : "down", to: "up"),
        ].compactMap { $0 }
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
        if let endpoint { parts.append("endpoint \(endpointBefore?.description ?? "none") -> \(endpoint)") }
        if let persistentKeepalive {
            let before = persistentKeepaliveBefore.map { "\($0) s " } ?? ""
            parts.append("persistent keepalive \(before)-> \(persistentKeepalive) s")
        }
        switch presharedKey {
        case .set?: parts.append("preshared key -> the right one")
        case .clear?: parts.append("preshared key -> none")
        case nil: break
        }
        parts += addAllowedIPs.map { "+\($0)" } + removeAllowedIPs.map { "-\($0)" }
        return parts.joined(separator: ", ")
    }
}
