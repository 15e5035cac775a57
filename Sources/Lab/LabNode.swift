public import NetAddress
public import Resources

/// What a lab needs to know of a Node: its name, and where the others reach it.
public struct LabNode: Hashable, Sendable {
    public let name: String
    /// `spec.endpoint` and each `spec.overlays[].endpoint`, without repetition; empty: the node is behind NAT.
    public let endpoints: [Endpoint.Host]

    public init(name: String, endpoints: [Endpoint.Host]) {
        self.name = name
        self.endpoints = endpoints
    }

    public init(_ node: Node) {
        var hosts: [Endpoint.Host] = []
        for endpoint in [node.spec.endpoint] + node.spec.overlays.map(\.endpoint) {
            if let host = endpoint?.host, !hosts.contains(host) { hosts.append(host) }
        }
        self.init(name: node.metadata.name, endpoints: hosts)
    }
}
