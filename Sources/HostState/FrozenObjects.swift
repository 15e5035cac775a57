public import NetAddress

/// Objects that must stay as they are, present or absent: this host's policy forbids what manifests ask of them.
///
/// They are not part of the desired state, and are not created, changed, started or deleted. Every list is sorted.
public struct FrozenObjects: Hashable, Sendable, Codable {
    /// Names of containers.
    public var containers: [String]
    /// Names of overlays: their links with everything on them, and their Podman networks. In `DesiredHost` their
    /// original names, elsewhere those of the manifests.
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
