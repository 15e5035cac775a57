/// The marks of our objects, so that nothing else is ever deleted (invariant I3 of docs/reliability.md).
public enum OwnershipMark {
    /// `rtm_protocol` of our routes; unassigned in `/etc/iproute2/rt_protos` and linux/rtnetlink.h.
    public static let routeProtocol: UInt8 = 87
    /// Prefix of `IFLA_IFALIAS` on our links.
    public static let aliasPrefix = "wgctl:"
    /// Comment of the rules in our nftables table.
    public static let ruleComment = "wgctl"
    /// Podman labels.
    public static let nodeLabel = "dev.wgctl.node"
    public static let nameLabel = "dev.wgctl.name"
    public static let specHashLabel = "dev.wgctl.spec-hash"
    /// Podman label of networks: the overlay.
    public static let overlayLabel = "dev.wgctl.overlay"

    /// Makes each seal unique.
    public static let nonceLabel = "dev.wgctl.nonce"
    /// The seal: a message authentication code of this host over the labels.
    public static let sealLabel = "dev.wgctl.seal"

    public static func alias(overlay: String) -> String { aliasPrefix + overlay }

    /// The overlay that an alias names; nil when it is not ours.
    public static func overlay(ofAlias alias: String) -> String? {
        alias.hasPrefix(aliasPrefix) ? String(alias.dropFirst(aliasPrefix.count)) : nil
    }
}
