public import Convergence
internal import Resources
public import RouteNetlink
public import WireGuard

extension RouteNetlinkError: JudgedError {
    /// Errors that no host can fix are retried only after the manifests change.
    public var canRetry: Bool {
        switch self {
        case .badSysctlKey, .notOurs: false
        case .refused, .sysctl, .noSuchLink, .linkChanged, .exists, .unsupportedKind, .unreadable: true
        }
    }
}

extension WireGuardError: JudgedError {
    public var canRetry: Bool {
        switch self {
        case .badInterfaceName, .notAWireGuardChange: false
        default: true
        }
    }

    public var eventReason: String? {
        switch self {
        case .keyMissing, .keyMismatch: Reason.keyUnusable
        default: nil
        }
    }
}
