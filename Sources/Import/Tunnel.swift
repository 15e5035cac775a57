internal import NetAddress

/// An address as an interface has it: `10.0.0.1/24`.
struct InterfaceAddress: Hashable, Sendable, CustomStringConvertible {
    var address: IPAddress
    /// 0 to 32, or 0 to 128.
    var prefixLength: Int

    /// What wg-quick(8) hands to ip-address(8): without a length the address is alone.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        var length = address.family.bitWidth
        if parts.count == 2 {
            guard let given: Int = decimal(String(parts[1])), given <= address.family.bitWidth else { return nil }
            length = given
        }
        self.address = address
        prefixLength = length
    }

    var network: CIDR { CIDR(containing: address, prefixLength: prefixLength) }
    var isAlone: Bool { network.isHost }
    /// `10.0.0.2/24`: more than one address, and not the network's own.
    var hasHostBits: Bool { address != network.address }
    var description: String { isAlone ? "\(address)" : "\(address)/\(prefixLength)" }
}

/// What others send to a host, and where they find it.
struct Reach: Sendable {
    /// As they are written: host bits do not count for WireGuard, and tell what its author meant.
    var allowedIPs: [Sourced<InterfaceAddress>] = []
    var endpoint: Sourced<Endpoint>?
    /// Seconds, 0 is off.
    var keepalive: Sourced<UInt16>?

    /// What WireGuard makes of `allowedIPs`.
    var networks: [Sourced<CIDR>] { allowedIPs.map { Sourced(value: $0.value.network, origin: $0.origin) } }
}

/// A host's end of the network as one source describes it: a file of wg-quick, or a host of an inventory.
struct Tunnel: Sendable {
    /// What the source calls the host; not yet the name of a Node.
    var name: String
    /// Whether `name` is the host's name or address, as in an inventory, and not one that a file gives it.
    var isNamedAsHost = false
    var origin: Origin
    var publicKey: Sourced<PublicKey>?
    /// There is a private key that cannot be read, and the report says so.
    var hasUnreadableKey = false
    var addresses: [Sourced<InterfaceAddress>] = []
    var interface: Sourced<String>?
    var listenPort: Sourced<UInt16>?
    /// Bytes.
    var mtu: Sourced<UInt32>?
    /// 0 is off, said or not; nil is what cannot be read.
    var fwmark: Sourced<UInt32>?
    /// What the source itself says of how others see this host.
    var reach = Reach()
    var peers: [Peer] = []
}

/// Another host, as a tunnel knows it.
struct Peer: Sendable {
    /// From a comment or a key of the source.
    var name: String?
    var origin: Origin
    var publicKey: PublicKey
    var reach = Reach()
}

/// What is known of the overlay before its hosts are looked at.
struct OverlayHints: Sendable {
    var name: String?
    /// At most one of each family counts.
    var subnets: [CIDR] = []
}
