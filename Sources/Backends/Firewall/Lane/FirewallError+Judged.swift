public import Convergence
public import Firewall
internal import Resources

extension FirewallError: JudgedError {
    public var eventReason: String? {
        switch self {
        case .missing, .kernel: Reason.firewallUnavailable
        case .nft: nil
        }
    }
}
