internal import Manifest
internal import NetAddress

/// Peers that are no hosts of the inventory.
extension AnsibleHostReader {
    /// A mapping by name, or a list.
    mutating func readPeers(_ variable: AnsibleVariable) {
        switch variable.value.content {
        case .mapping(let entries):
            for entry in entries {
                readPeer(
                    entry.value, name: entry.name,
                    Origin(
                        file: variable.origin.file, position: entry.position, path: variable.origin.path + entry.name))
            }
        case .list(let items):
            for (index, item) in items.enumerated() {
                readPeer(
                    item, name: nil,
                    Origin(file: variable.origin.file, position: item.position, path: variable.origin.path + index))
            }
        // `false` is the default of a role without such peers.
        case .null, .text("false"), .text("False"), .text(""): return
        case .text: report.add(variable.origin, "is neither a mapping nor a list of peers", "correct it")
        case .opaque(let reason, let remedy): report.add(variable.origin, reason, remedy)
        }
    }

    private mutating func readPeer(_ value: AnsibleValue, name: String?, _ origin: Origin) {
        guard case .mapping(let entries) = value.content else {
            if case .opaque(let reason, let remedy) = value.content { return report.add(origin, reason, remedy) }
            return report.add(origin, "is not a peer", "write a mapping with \(role.peerKeys.publicKey)")
        }
        let fields = Dictionary(
            entries.map { entry in
                let place = Origin(file: origin.file, position: entry.position, path: origin.path + entry.name)
                return (entry.name, AnsibleVariable(value: entry.value, origin: place))
            }, uniquingKeysWith: { $1 })
        let keys = role.peerKeys
        guard let text = fields[keys.publicKey].flatMap({ text($0) }), let publicKey = PublicKey(text.value) else {
            return report.add(
                fields[keys.publicKey]?.origin ?? origin, "there is no public key in base64",
                "correct it; the peer is left out")
        }
        var peer = Peer(name: name, origin: origin, publicKey: publicKey)
        peer.name = peer.name ?? keys.name.flatMap { fields[$0] }.flatMap { self.text($0)?.value }
        peer.reach.allowedIPs = fields[keys.allowedIPs].map { networks($0) } ?? []
        peer.reach.keepalive = fields[keys.keepalive].flatMap { keepalive($0) }
        if let endpoint = fields[keys.endpoint].flatMap({ self.text($0) }), !endpoint.value.isEmpty {
            let known = wireGuardEndpoint(endpoint.value)
            if let known, known.whyUnreachable == nil {
                peer.reach.endpoint = Sourced(value: known, origin: endpoint.origin)
            } else {
                report.add(
                    endpoint.origin,
                    known.flatMap(\.whyUnreachable) ?? "\(shown(endpoint.value)) is not HOST:PORT or [IPv6]:PORT",
                    "write the right one into spec.endpoint")
            }
        }
        if let preshared = keys.presharedKey.flatMap({ fields[$0] }) { report.addPresharedKey(preshared.origin) }
        let known = [keys.publicKey, keys.presharedKey, keys.name, keys.allowedIPs, keys.endpoint, keys.keepalive]
        for (name, field) in fields where !known.contains(name) {
            report.add(field.origin, "the role has no such field of a peer", "correct or remove it")
        }
        tunnel.peers.append(peer)
    }
}
