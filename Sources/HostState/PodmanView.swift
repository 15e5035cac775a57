/// The last observation of Podman.
public enum PodmanView: Hashable, Sendable, Codable {
    /// Not observed yet.
    case unknown
    /// Does not answer; the other lanes continue without it.
    case unavailable
    case observed(ObservedPodman)
}
