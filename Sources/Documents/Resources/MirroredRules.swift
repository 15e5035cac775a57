/// The CEL rules of the CRDs that code of ours checks as well, place by place and with the values in its texts.
///
/// An API server knows the rules alone. Here the code speaks, so that no mistake is reported twice; the rule speaks where
/// the code cannot run, in a document that has other mistakes. `RuleAgreementTests` holds the two against each other.
enum MirroredRules {
    /// The messages of the rules of a kind.
    static func messages(for kind: Kind?) -> Set<String> { kind == .gateway ? texts : texts.union(documents) }

    /// By `TextRules`.
    private static let texts: Set<String> = [
        "is not an IP address; write plain IPv4 such as 10.0.0.1 (no leading zeros) or IPv6 such as fd00::1 (no zone)",
        "is not a CIDR; write ADDRESS/PREFIXLENGTH, such as 10.0.0.0/24",
        "has host bits set; write the network's own address",
        "is no address with its prefix length; write it such as 192.168.1.100/24",
        "is not an endpoint; write HOST, HOST:PORT, [IPv6] or [IPv6]:PORT, with a port from 1 to 65535",
        "is not the address of a host; write one that other nodes reach",
        "has a part of over 63 characters, which DNS does not have; shorten it",
        "is a name of the kernel's own; choose another, such as wg0",
        "is a key of low order that gives no secrecy; make a real key pair",
    ]

    /// By `DocumentChecks`, and the last two by `FleetRules`, which know the overlays' own values too.
    private static let documents: Set<String> = [
        "is a default route, which needs a Gateway; name the networks one by one",
        "covers loopback, link-local, multicast or reserved addresses; choose another network",
        "has no room for two hosts; use a shorter prefix length",
        "has two addresses of one family; keep one address per family",
        "has two subnets of one family; keep one subnet per family",
        "a container is attached to an overlay that this node is not a member of; "
            + "add it to spec.overlays with an address of this host",
        "a host port is published twice; choose another hostPort or hostIP",
        "labels that begin with dev.wgctl. are the daemon's own; rename it",
        "io.containers. labels and PODMAN_SYSTEMD_UNIT make Podman act on the container by itself; remove it",
        "secrets that begin with wgctl- or wgctl. are the daemon's own; name a secret that you made",
        "is the container's root or the kernel's; mount to another directory",
        "is reserved by Podman; choose another name",
        "two overlays have the same interface on this node; give each its own",
        "two overlays have the same listenPort on this node; give each its own",
    ]
}
