public import Netlink

/// Why the packet filter could not be observed or changed.
public enum FirewallError: Error, Hashable, Sendable {
    /// The program `nft` is not installed.
    case missing
    /// The program could not be started, did not end in time, or reported an error.
    case nft(operation: String, reason: String)
    /// The kernel has no nftables, or refused to answer.
    case kernel(NetlinkError)
}

extension FirewallError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing: "the program nft is missing: apt-get install nftables"
        case .nft(let operation, let reason): "nft: \(operation): \(reason)"
        case .kernel(let error): "\(error): does this kernel have nftables (modprobe nf_tables)?"
        }
    }
}
