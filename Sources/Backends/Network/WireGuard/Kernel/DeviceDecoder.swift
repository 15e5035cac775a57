internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink

/// Assembles a device from the messages of a `WG_CMD_GET_DEVICE` dump.
///
/// A device with many peers spans messages, and a peer with many allowed IPs is repeated in the next message with only
/// the rest of them.
struct DeviceDecoder {
    private(set) var device: ObservedDevice

    init(interface: String) {
        device = ObservedDevice(interface: interface, backend: .kernel, publicKey: nil, listenPort: 0)
    }

    /// Adds the attributes of one message.
    ///
    /// The private key is among them. It is not copied out of the socket's buffer, which is wiped.
    mutating func take(_ attributes: AttributeDecoder) throws {
        var attributes = attributes
        while let type = attributes.next() {
            switch type {
            case WGDEVICE_A_PUBLIC_KEY.type: device.publicKey = PublicKey(bytes: attributes.payload)
            case WGDEVICE_A_LISTEN_PORT.type: device.listenPort = attributes.integer(UInt16.self)
            case WGDEVICE_A_FWMARK.type: device.fwmark = attributes.integer(UInt32.self)
            case WGDEVICE_A_PEERS.type:
                var peers = attributes.nested()
                while peers.next() != nil { try takePeer(peers.nested()) }
                try peers.check()
            default: break
            }
        }
        try attributes.check()
    }

    private mutating func takePeer(_ attributes: AttributeDecoder) throws {
        var attributes = attributes
        var peer: ObservedPeer?
        while let type = attributes.next() {
            switch type {
            // The kernel puts it first.
            case WGPEER_A_PUBLIC_KEY.type:
                guard let key = PublicKey(bytes: attributes.payload) else {
                    throw WireGuardError.malformed(interface: device.interface, reason: "a public key of a wrong size")
                }
                peer = device.peers[key] ?? ObservedPeer(publicKey: key)
            // Not copied out of the buffer, as the private key is not.
            case WGPEER_A_PRESHARED_KEY.type:
                peer?.presharedKey = attributes.payload.withUnsafeBytes { PresharedKeys.fingerprint(observed: $0) }
            case WGPEER_A_ENDPOINT.type: peer?.endpoint = SocketAddress(sockaddr: attributes.payload)
            case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL.type:
                peer?.persistentKeepalive = attributes.integer(UInt16.self)
            case WGPEER_A_LAST_HANDSHAKE_TIME.type:
                // struct __kernel_timespec; the seconds come first.
                peer?.latestHandshake = attributes.structure(Int64.self) ?? 0
            case WGPEER_A_RX_BYTES.type: peer?.receivedBytes = attributes.integer(UInt64.self)
            case WGPEER_A_TX_BYTES.type: peer?.transmittedBytes = attributes.integer(UInt64.self)
            case WGPEER_A_ALLOWEDIPS.type:
                var list = attributes.nested()
                while list.next() != nil {
                    if let cidr = try DeviceDecoder.cidr(list.nested()) { peer?.allowedIPs.insert(cidr) }
                }
                try list.check()
            default: break
            }
        }
        try attributes.check()
        if let peer { device.peers[peer.publicKey] = peer }
    }

    private static func cidr(_ attributes: AttributeDecoder) throws -> CIDR? {
        var attributes = attributes
        var address: IPAddress?
        var prefixLength = 0
        while let type = attributes.next() {
            switch type {
            case WGALLOWEDIP_A_IPADDR.type: address = IPAddress(bytes: attributes.payload)
            case WGALLOWEDIP_A_CIDR_MASK.type: prefixLength = Int(attributes.integer(UInt8.self))
            default: break
            }
        }
        try attributes.check()
        guard let address, prefixLength <= address.family.bitWidth else { return nil }
        return CIDR(containing: address, prefixLength: prefixLength)
    }
}
