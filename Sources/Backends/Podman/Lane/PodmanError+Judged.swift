public import Convergence
public import Podman
internal import Resources

extension PodmanError: JudgedError {
    public var eventReason: String? {
        if case .unreachable = reason { Resources.Reason.podmanUnavailable } else { nil }
    }
}
