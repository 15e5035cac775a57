/// Podman as it was last seen.
public enum PodmanView: Hashable, Sendable, Codable {
    /// Not observed yet.
    case unknown
    /// Does not answer; the other lanes go ahead without it.
    case unavailable
    case observed(ObservedPodman)
}
