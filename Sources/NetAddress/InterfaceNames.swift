import NetAddress

/// The names of the interfaces that carry one overlay on one host, each within the kernel's 15 bytes (IFNAMSIZ - 1).
public struct InterfaceNames: Hashable, Sendable {
    public let wireguard: String
    /// `br-<wireguard>`: the bridge that the Podman network stands on.
    public let bridge: String
    /// `va-<wireguard>`: the port that keeps the bridge alive when the last container leaves.
    public let anchor: String
    /// `vb-<wireguard>`: the other end of the anchor.
    public let anchorPeer: String

    /// - Parameter wireguard: at most 15 bytes.
    public init(wireguard: String) {
        self.wireguard = wireguard
        bridge = InterfaceNames.name("br-", wireguard)
        anchor = InterfaceNames.name("va-", wireguard)
        anchorPeer = InterfaceNames.name("vb-", wireguard)
    }

    /// The prefix and the name; where that is too long, six bytes of the name and six digits that tell names apart.
    private static func name(_ prefix: String, _ base: String) -> String {
        let whole = prefix + base
        guard whole.utf8.count > 15 else { return whole }
        let digits = MACAddress(derivedFrom: base).bytes.suffix(3).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return prefix + String(decoding: base.utf8.prefix(6), as: UTF8.self) + digits.joined()
    }
}
