public import NetAddress

/// What stays exactly as it stands, or stays away: this host's policy does not allow what manifests now ask of it.
///
/// None of it is part of what is desired, and none of it is made, changed, started or removed. Every list is sorted.
public struct FrozenObjects: Hashable, Sendable, Codable {
    /// Names of containers.
    public var containers: [String]
    /// Names of overlays: their links with all that is on them, and their Podman networks. In `DesiredHost` the names that
    /// they were made with, elsewhere those of the manifests.
    public var overlays: [String]
    /// Destinations of routes and allowed IPs.
    public var routes: [CIDR]

    public init(containers: [String] = [], overlays: [String] = [], routes: [CIDR] = []) {
        self.containers = containers
        self.overlays = overlays
        self.routes = routes
    }

    /// Whether a link belongs to a frozen overlay.
    public func contains(_ link: ObservedLink) -> Bool {
        OwnershipMark.overlay(ofAlias: link.alias ?? "").map(overlays.contains) ?? false
    }

    /// Whether a Podman network belongs to a frozen overlay.
    public func contains(_ network: ObservedNetwork) -> Bool {
        network.labels[OwnershipMark.overlayLabel].map(overlays.contains) ?? false
    }
}
