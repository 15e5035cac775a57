internal import NetAddress

/// The text of UAPI operations (https://www.wireguard.com/xplatform/).
enum UAPIRequest {
    static func get() throws(KeyStoreError) -> SecretBytes {
        let request = try SecretBytes(capacity: 8)
        try request.append("get=1\n\n".utf8)
        return request
    }

    /// A whole `set=1`, in secret memory because it can contain the private key.
    static func set(_ configuration: DeviceConfiguration) throws(KeyStoreError) -> SecretBytes {
        let request = try SecretBytes(capacity: 256)
        try request.append("set=1\n".utf8)
        if let key = configuration.privateKey {
            try request.append("private_key=".utf8)
            try key.append(to: request, as: .hex)
            try request.append("\n".utf8)
        }
        if let port = configuration.listenPort { try request.append("listen_port=\(port)\n".utf8) }
        if let mark = configuration.fwmark { try request.append("fwmark=\(mark)\n".utf8) }
        for peer in configuration.peers {
            try append(peer, presharedKeys: configuration.presharedKeys, to: request)
        }
        try request.append("\n".utf8)
        return request
    }

    private static func append(
        _ peer: PeerConfiguration, presharedKeys: PresharedKeys?, to request: SecretBytes
    ) throws(KeyStoreError) {
        try request.append("public_key=\(peer.publicKey.hex)\n".utf8)
        switch peer.action {
        case .add: break
        case .update: try request.append("update_only=true\n".utf8)
        case .remove: return try request.append("update_only=true\nremove=true\n".utf8)
        }
        switch peer.presharedKey {
        case .derived?:
            try request.append("preshared_key=".utf8)
            try presharedKeys?.append(keyFor: peer.publicKey, toHex: request)
            try request.append("\n".utf8)
        case PeerConfiguration.PresharedKey.none?:
            try request.append("preshared_key=\(String(repeating: "0", count: PresharedKeys.byteCount * 2))\n".utf8)
        case nil: break
        }
        var text = ""
        if let endpoint = peer.endpoint { text += "endpoint=\(endpoint)\n" }
        if let seconds = peer.persistentKeepalive { text += "persistent_keepalive_interval=\(seconds)\n" }
        for cidr in peer.allowedIPs { text += "allowed_ip=\(cidr)\n" }
        try request.append(text.utf8)
    }
}
