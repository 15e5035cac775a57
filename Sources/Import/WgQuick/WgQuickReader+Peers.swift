internal import Manifest
internal import NetAddress

/// [Peer]
extension WgQuickReader {
    mutating func read(peer section: ConfigurationText.Section) {
        var publicKey: PublicKey?
        var hasKey = false
        var reach = Reach()
        for entry in section.entries {
            switch entry.key.text.lowercased() {
            case "publickey":
                hasKey = true
                publicKey = PublicKey(entry.value.text.filter { !$0.isWhitespace })
                if publicKey == nil {
                    refuse(entry, "is not a public key in base64", "correct it; the peer is left out")
                }
            case "allowedips":
                for item in entry.items(separatedBySpace: false) {
                    guard let allowed = InterfaceAddress(item.text) else {
                        note(
                            item, key(entry), "\(shown(item.text)) is not an address or network",
                            "write it such as 10.0.0.0/24 into spec.overlays[0].routes")
                        continue
                    }
                    reach.allowedIPs.append(Sourced(value: allowed, origin: origin(item.position, entry)))
                }
            case "endpoint":
                let text = entry.value.text.filter { !$0.isWhitespace }
                let known = wireGuardEndpoint(text)
                if let why = known?.whyUnreachable {
                    refuse(entry, why, "write an address that other hosts reach into spec.endpoint")
                } else if let endpoint = known {
                    reach.endpoint = Sourced(value: endpoint, origin: origin(entry.key.position, entry))
                } else {
                    refuse(
                        entry, "\(shown(text)) is not HOST:PORT or [IPv6]:PORT with a port from 1 to 65535",
                        "write the right one into spec.endpoint")
                }
            case "persistentkeepalive":
                if let seconds = wireGuardKeepalive(entry.value.text) {
                    reach.keepalive = Sourced(value: seconds, origin: origin(entry.key.position, entry))
                } else {
                    refuse(entry, "\(shown(entry.value.text)) is neither off nor 0 to 65535 seconds", "correct it")
                }
            case "presharedkey": report.addPresharedKey(origin(entry.key.position, entry))
            default: unknown(entry, section: "[Peer]")
            }
        }
        guard let publicKey else {
            if !hasKey {
                note(section.header, FieldPath(keys: "PublicKey"), "the peer has none", "add it; the peer is left out")
            }
            return
        }
        add(
            Peer(
                name: section.nameInComments,
                origin: Origin(file: file.path, position: section.header.position, path: FieldPath()),
                publicKey: publicKey, reach: reach))
    }

    /// A second section of the same key: its allowed IPs take the place of the first's (wg(8), setconf).
    private mutating func add(_ peer: Peer) {
        guard let index = peerIndexes[peer.publicKey] else {
            peerIndexes[peer.publicKey] = tunnel.peers.count
            return tunnel.peers.append(peer)
        }
        var merged = tunnel.peers[index]
        if !merged.reach.allowedIPs.isEmpty {
            report.add(
                merged.origin.named("PublicKey"), "the same key stands again at \(peer.origin.place)",
                "WireGuard takes the allowed IPs of the later section alone, and so did this import: make one of both")
        }
        merged.name = peer.name ?? merged.name
        merged.reach.allowedIPs = peer.reach.allowedIPs
        merged.reach.endpoint = peer.reach.endpoint ?? merged.reach.endpoint
        merged.reach.keepalive = peer.reach.keepalive ?? merged.reach.keepalive
        tunnel.peers[index] = merged
    }
}
