internal import CLinux
internal import Glibc
internal import NetAddress
internal import Netlink

/// Requests of the `wireguard` family. The numbers of linux/wireguard.h are converted only here.
enum DeviceAttributes {
    static let familyName = "wireguard"

    /// Bytes of one request: well below 64 KiB, the limit of the nested peer list's 16-bit length.
    static let messageLimit = 32_768
    /// Bytes of a request with preshared keys, with room for the largest attribute.
    static let secretCapacity = messageLimit + 64

    /// `WGALLOWEDIP_A_FLAGS` and `WGALLOWEDIP_F_REMOVE_ME`, which headers have since Linux 6.16.
    static let allowedIPFlags: UInt16 = 4
    static let removeAllowedIP: UInt32 = 1

    static let setCommand = UInt8(WG_CMD_SET_DEVICE.rawValue)

    /// Whether a kernel with this policy of `setCommand` knows `allowedIPFlags`.
    ///
    /// Linux 6.19 lists the attributes of peers and their allowed IPs. 6.16, which introduced the flag, to 6.18 do not,
    /// but they list the bits of the device's own flags, which no earlier kernel does.
    static func takeAllowedIPsAway(by policy: GenericPolicy) -> Bool {
        let device = policy.attributes(of: setCommand)
        guard let peer = device[WGDEVICE_A_PEERS.type].flatMap(policy.attributes(in:)) else {
            return device[WGDEVICE_A_FLAGS.type]?.mask != nil
        }
        return peer[WGPEER_A_ALLOWEDIPS.type].flatMap(policy.attributes(in:))?[allowedIPFlags] != nil
    }

    static func get(_ interface: String, family: GenericNetlinkFamily) -> NetlinkMessage {
        var message = family.message(UInt8(WG_CMD_GET_DEVICE.rawValue))
        message.put(WGDEVICE_A_IFNAME.type, string: interface)
        return message
    }

    /// One `WG_CMD_SET_DEVICE`; the configuration must fit it.
    ///
    /// Neither `WGDEVICE_F_REPLACE_PEERS` nor `WGPEER_F_REPLACE_ALLOWEDIPS` is ever set: both first remove what works,
    /// and then add what is wanted.
    static func set(_ configuration: DeviceConfiguration, family: GenericNetlinkFamily) -> NetlinkMessage {
        // A buffer with a secret must not grow: growing leaves a copy that is not wiped.
        let capacity = configuration.presharedKeys == nil ? 256 : secretCapacity
        var message = family.message(setCommand, capacity: capacity)
        message.put(WGDEVICE_A_IFNAME.type, string: configuration.interface)
        configuration.privateKey?.withUnsafeBytes { message.put(WGDEVICE_A_PRIVATE_KEY.type, bytes: $0) }
        if let port = configuration.listenPort { message.put(WGDEVICE_A_LISTEN_PORT.type, port) }
        if let mark = configuration.fwmark { message.put(WGDEVICE_A_FWMARK.type, mark) }
        guard !configuration.peers.isEmpty else { return message }
        message.nest(WGDEVICE_A_PEERS.type) { message in
            for peer in configuration.peers {
                message.nest(0) { put(peer, presharedKeys: configuration.presharedKeys, into: &$0) }
            }
        }
        return message
    }

    private static func put(
        _ peer: PeerConfiguration, presharedKeys: PresharedKeys?, into message: inout NetlinkMessage
    ) {
        message.put(WGPEER_A_PUBLIC_KEY.type, bytes: peer.publicKey.bytes)
        switch peer.action {
        case .add: break
        case .update: message.put(WGPEER_A_FLAGS.type, WGPEER_F_UPDATE_ONLY.rawValue)
        case .remove:
            message.put(WGPEER_A_FLAGS.type, WGPEER_F_REMOVE_ME.rawValue)
            return
        }
        switch peer.presharedKey {
        case .derived?:
            presharedKeys?.withKey(for: peer.publicKey) { message.put(WGPEER_A_PRESHARED_KEY.type, bytes: $0) }
        case PeerConfiguration.PresharedKey.none?:
            message.put(
                WGPEER_A_PRESHARED_KEY.type, bytes: [UInt8](repeating: 0, count: PresharedKeys.byteCount))
        case nil: break
        }
        if let endpoint = peer.endpoint { message.put(WGPEER_A_ENDPOINT.type, bytes: endpoint.sockaddrBytes) }
        if let seconds = peer.persistentKeepalive {
            message.put(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL.type, seconds)
        }
        guard !peer.allowedIPs.isEmpty || !peer.removedAllowedIPs.isEmpty else { return }
        message.nest(WGPEER_A_ALLOWEDIPS.type) { message in
            for cidr in peer.allowedIPs { message.nest(0) { put(cidr, into: &$0) } }
            for cidr in peer.removedAllowedIPs {
                message.nest(0) { message in
                    put(cidr, into: &message)
                    message.put(allowedIPFlags, removeAllowedIP)
                }
            }
        }
    }

    private static func put(_ cidr: CIDR, into message: inout NetlinkMessage) {
        message.put(WGALLOWEDIP_A_FAMILY.type, cidr.family.addressFamily)
        message.put(WGALLOWEDIP_A_IPADDR.type, bytes: cidr.address.bytes)
        message.put(WGALLOWEDIP_A_CIDR_MASK.type, UInt8(cidr.prefixLength))
    }
}

extension DeviceConfiguration {
    /// The same in several configurations, each below `limit` bytes as a netlink request, to be applied in order.
    ///
    /// A peer that is split continues as an update with the rest of its allowed IPs.
    func parts(below limit: Int) -> [DeviceConfiguration] {
        // The headers, the name, the key, the port and the mark; then a peer without and an allowed IP with its
        // nesting.
        let (fixed, perPeer, perCIDR) = (128, 140, 48)
        var parts: [DeviceConfiguration] = [self]
        parts[0].peers = []
        var size = fixed
        func begin() {
            var part = DeviceConfiguration(interface: interface)
            part.presharedKeys = presharedKeys
            parts.append(part)
            size = fixed
        }
        // The message with the key must not grow: growing leaves a copy that is not wiped.
        if privateKey != nil && !peers.isEmpty { begin() }
        for peer in peers {
            var rest = peer
            while true {
                if size + perPeer + perCIDR > limit { begin() }
                let room = (limit - size - perPeer) / perCIDR
                var piece = rest
                piece.allowedIPs = Array(rest.allowedIPs.prefix(room))
                let roomForRemovals = room - piece.allowedIPs.count
                piece.removedAllowedIPs = Array(rest.removedAllowedIPs.prefix(roomForRemovals))
                parts[parts.count - 1].peers.append(piece)
                size += perPeer + perCIDR * (piece.allowedIPs.count + piece.removedAllowedIPs.count)
                guard rest.allowedIPs.count + rest.removedAllowedIPs.count > room else { break }
                rest = PeerConfiguration(
                    .update, peer.publicKey, allowedIPs: Array(rest.allowedIPs.dropFirst(room)),
                    removedAllowedIPs: Array(rest.removedAllowedIPs.dropFirst(roomForRemovals)))
            }
        }
        return parts
    }
}

extension IPAddress.Family {
    /// `AF_INET` or `AF_INET6`.
    var addressFamily: UInt16 { UInt16(self == .v4 ? AF_INET : AF_INET6) }
}

extension SocketAddress {
    /// A `sockaddr_in` (16 bytes) or `sockaddr_in6` (28 bytes): family in host order, the rest in network order.
    var sockaddrBytes: [UInt8] {
        let family = withUnsafeBytes(of: address.family.addressFamily) { Array($0) }
        let head = family + [UInt8(port >> 8), UInt8(port & 255)]
        return address.family == .v4
            ? head + address.bytes + [UInt8](repeating: 0, count: 8)
            : head + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
    }

    /// From a `sockaddr_in` or `sockaddr_in6`; nil for any other.
    init?(sockaddr bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 16 else { return nil }
        let raw = Array(bytes)
        let family = raw.withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
        let port = UInt16(raw[2]) << 8 | UInt16(raw[3])
        let address: IPAddress? =
            switch Int32(family) {
            case AF_INET: IPAddress(bytes: raw[4..<8])
            case AF_INET6 where raw.count >= 24: IPAddress(bytes: raw[8..<24])
            default: nil
            }
        guard let address else { return nil }
        self.init(address: address, port: port)
    }
}

extension wgdevice_attribute { var type: UInt16 { UInt16(rawValue) } }
extension wgpeer_attribute { var type: UInt16 { UInt16(rawValue) } }
extension wgallowedip_attribute { var type: UInt16 { UInt16(rawValue) } }
