public import NetAddress
public import Resources

/// What a lab needs to know of a Node: its name, and where the others reach it.
public struct LabNode: Hashable, Sendable {
    public let name: String
    /// `spec.endpoint` and each `spec.overlays[].endpoint`, without repetition; empty: the node is behind NAT.
    public let endpoints: [Endpoint.Host]
    /// Its own in all overlays: a Node that is renamed keeps them.
    public let overlayAddresses: Set<IPAddress>

    public init(name: String, endpoints: [Endpoint.Host], overlayAddresses: Set<IPAddress> = []) {
        self.name = name
        self.endpoints = endpoints
        self.overlayAddresses = overlayAddresses
    }

    public init(_ node: Node) {
        var hosts: [Endpoint.Host] = []
        for endpoint in [node.spec.endpoint] + node.spec.overlays.map(\.endpoint) {
            if let host = endpoint?.host, !hosts.contains(host) { hosts.append(host) }
        }
        self.init(
            name: node.metadata.name, endpoints: hosts,
            overlayAddresses: Set(node.spec.overlays.flatMap(\.addresses)))
    }
}
