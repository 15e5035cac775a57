/// The names of the interfaces that carry one overlay on one host, each within the kernel's 15 bytes (IFNAMSIZ - 1).
///
/// `Planner` makes them, and the rules across resources compare those of one overlay with those of the others.
public struct InterfaceNames: Hashable, Sendable {
    public let wireguard: String
    /// `br-<wireguard>`: the bridge that the Podman network stands on.
    public let bridge: String
    /// `va-<wireguard>`: the port that keeps the bridge alive when the last container leaves.
    public let anchor: String
    /// `vb-<wireguard>`: the other end of the anchor.
    public let anchorPeer: String

    /// What each is, in the words of error messages; all four are different.
    public var roles: [(name: String, role: String)] {
        [
            (wireguard, "the WireGuard interface"), (bridge, "the bridge"), (anchor, "the bridge's anchor"),
            (anchorPeer, "the other end of the bridge's anchor"),
        ]
    }

    /// Whether another overlay's interface of this name could have a name in common with one that is called otherwise:
    /// mostly none can, and then nobody has to compare.
    public static func canClash(_ wireguard: String) -> Bool {
        wireguard.utf8.count > 12 || ["br-", "va-", "vb-"].contains { wireguard.hasPrefix($0) }
    }

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
