public import NetAddress

/// Which resource owns what on this host. Built once per comparison, for fast look-ups.
public struct Owners: Sendable {
    /// This host's own Node, which owns everything that has no other owner.
    public var node: ResourceReference
    /// The present name of each renamed Overlay, by its original name.
    public var presentNames: [String: String] = [:]
    /// By interface.
    public var overlays: [String: String] = [:]
    /// By Podman network.
    public var networkOverlays: [String: String] = [:]
    /// The remote Nodes, by each of their allowed IPs.
    public var nodes: [CIDR: String] = [:]
    /// This host's containers, by address.
    public var containers: [IPAddress: String] = [:]

    /// - Parameter node: the name of this host's Node, also while no manifest names it.
    public init(node: String) { self.node = .node(node) }

    /// The present name of an Overlay, by its original name.
    public func overlay(madeAs original: String) -> String { presentNames[original] ?? original }

    public func owner(ofInterface interface: String) -> ResourceReference {
        overlays[interface].map { .overlay($0) } ?? node
    }

    public func owner(ofNetwork network: String) -> ResourceReference {
        networkOverlays[network].map { .overlay($0) } ?? node
    }

    /// The owner of a route, a proxy entry or an announcement.
    public func owner(of destination: CIDR, interface: String?) -> ResourceReference {
        if let node = nodes[destination] { return .node(node) }
        if destination.isHost, let container = containers[destination.address] { return .container(container) }
        return interface.map(owner(ofInterface:)) ?? node
    }
}
