internal import NetAddress

/// The text of UAPI operations (https://www.wireguard.com/xplatform/).
enum UAPIRequest {
    static func get() throws(KeyStoreError) -> SecretBytes {
        let request = try SecretBytes(capacity: 8)
        try request.append("get=1\n\n".utf8)
        return request
    }

    /// A whole `set=1`, in secret memory because it can hold the private key.
    static func set(_ configuration: DeviceConfiguration) throws(KeyStoreError) -> SecretBytes {
        let peers = configuration.peers.map(lines).joined()
        let request = try SecretBytes(capacity: peers.utf8.count + 256)
        try request.append("set=1\n".utf8)
        if let key = configuration.privateKey {
            try request.append("private_key=".utf8)
            try key.append(to: request, as: .hex)
            try request.append("\n".utf8)
        }
        if let port = configuration.listenPort { try request.append("listen_port=\(port)\n".utf8) }
        if let mark = configuration.fwmark { try request.append("fwmark=\(mark)\n".utf8) }
        try request.append(peers.utf8)
        try request.append("\n".utf8)
        return request
    }

    private static func lines(of peer: PeerConfiguration) -> String {
        var text = "public_key=\(peer.publicKey.hex)\n"
        switch peer.action {
        case .add: break
        case .update: text += "update_only=true\n"
        case .remove: return text + "update_only=true\nremove=true\n"
        }
        if let endpoint = peer.endpoint { text += "endpoint=\(endpoint)\n" }
        if let seconds = peer.persistentKeepalive { text += "persistent_keepalive_interval=\(seconds)\n" }
        for cidr in peer.allowedIPs { text += "allowed_ip=\(cidr)\n" }
        return text
    }
}
