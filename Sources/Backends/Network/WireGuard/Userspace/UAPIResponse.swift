internal import Glibc
internal import HostState
internal import NetAddress

/// Reads the answer to `get=1` or `set=1` line by line. Lines with a key are never converted to text.
struct UAPIResponse {
    private(set) var device: ObservedDevice
    /// From the `errno=` line at the end of an answer; nil while it is missing.
    private(set) var code: Int32?
    private var peer: ObservedPeer?

    init(interface: String) {
        device = ObservedDevice(interface: interface, backend: .userspace, publicKey: nil, listenPort: 0)
    }

    /// Parses a whole answer.
    ///
    /// - Throws: `WireGuardError.malformed` naming the line's key, never its value; `.outOfMemory`.
    static func parse(_ bytes: UnsafeRawBufferPointer, interface: String) throws(WireGuardError) -> UAPIResponse {
        var response = UAPIResponse(interface: interface)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            try response.take(UnsafeRawBufferPointer(rebasing: line))
        }
        response.finishPeer()
        return response
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) throws(WireGuardError) {
        guard let separator = line.firstIndex(of: UInt8(ascii: "=")) else {
            throw .malformed(interface: device.interface, reason: "a line without \"=\"")
        }
        let key = String(decoding: line[..<separator], as: UTF8.self)
        let value = UnsafeRawBufferPointer(rebasing: line[(separator + 1)...])
        switch key {
        case "private_key":
            do throws(KeyStoreError) {
                device.publicKey = try PrivateKey(hex: value)?.publicKey
            } catch { throw .outOfMemory }
        case "preshared_key": peer?.presharedKey = PresharedKeys.fingerprint(hex: value)
        default: try take(key, String(decoding: value, as: UTF8.self))
        }
    }

    private mutating func take(_ key: String, _ value: String) throws(WireGuardError) {
        let interface = device.interface
        switch key {
        case "listen_port": device.listenPort = try Self.number(key, value, interface)
        // Omitted while it is off.
        case "fwmark": device.fwmark = try Self.number(key, value, interface)
        case "errno": code = try Self.number(key, value, interface)
        case "public_key":
            finishPeer()
            guard let publicKey = PublicKey(hex: value) else { throw Self.malformed(key, value, interface) }
            peer = ObservedPeer(publicKey: publicKey)
        case "endpoint": peer?.endpoint = SocketAddress(uapi: value)
        case "persistent_keepalive_interval": peer?.persistentKeepalive = try Self.number(key, value, interface)
        case "last_handshake_time_sec": peer?.latestHandshake = try Self.number(key, value, interface)
        case "rx_bytes": peer?.receivedBytes = try Self.number(key, value, interface)
        case "tx_bytes": peer?.transmittedBytes = try Self.number(key, value, interface)
        case "allowed_ip":
            guard let cidr = CIDR(value) else { throw Self.malformed(key, value, interface) }
            peer?.allowedIPs.insert(cidr)
        default: break  // protocol_version, and what later versions add
        }
    }

    private mutating func finishPeer() {
        if let peer { device.peers[peer.publicKey] = peer }
        peer = nil
    }

    private static func number<N: FixedWidthInteger>(
        _ key: String, _ value: String, _ interface: String
    ) throws(WireGuardError) -> N {
        guard let number = N(value) else { throw malformed(key, value, interface) }
        return number
    }

    private static func malformed(_ key: String, _ value: String, _ interface: String) -> WireGuardError {
        .malformed(interface: interface, reason: "\(key)=\(value)")
    }
}

extension PublicKey {
    /// From 64 lower- or upper-case hexadecimal digits.
    init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }
}

extension SocketAddress {
    /// From `1.2.3.4:51820` or `[fe80::1%eth0]:51820`; the zone is dropped.
    init?(uapi text: String) {
        var text = text
        if let zone = text.firstIndex(of: "%"), let end = text.firstIndex(of: "]"), zone < end {
            text.removeSubrange(zone..<end)
        }
        guard let endpoint = Endpoint(text), case .address(let address) = endpoint.host, let port = endpoint.port else {
            return nil
        }
        self.init(address: address, port: port)
    }
}
