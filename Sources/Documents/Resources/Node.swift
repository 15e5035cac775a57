public import NetAddress

/// A Linux host. Mirrors `crds/nodes.yaml`, which says what each field means.
public struct Node: Hashable, Sendable, Codable {
    public var metadata: Metadata
    public var spec: NodeSpec

    public init(metadata: Metadata, spec: NodeSpec) {
        self.metadata = metadata
        self.spec = spec
    }
}

public struct NodeSpec: Hashable, Sendable, Codable {
    public var publicKey: PublicKey?
    public var endpoint: Endpoint?
    public var overlays: [OverlayMembership]
    public var containers: [Container]
    public var unschedulable: Bool

    public init(
        publicKey: PublicKey? = nil, endpoint: Endpoint? = nil, overlays: [OverlayMembership] = [],
        containers: [Container] = [], unschedulable: Bool = false
    ) {
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.overlays = overlays
        self.containers = containers
        self.unschedulable = unschedulable
    }
}

/// `spec.overlays[]`: this node's place in an overlay, with overrides for this node.
public struct OverlayMembership: Hashable, Sendable, Codable {
    public var name: String
    public var addresses: [IPAddress]
    public var endpoint: Endpoint?
    public var listenPort: UInt16?
    public var interface: String?
    public var routes: [CIDR]

    public init(
        name: String, addresses: [IPAddress], endpoint: Endpoint? = nil, listenPort: UInt16? = nil,
        interface: String? = nil, routes: [CIDR] = []
    ) {
        self.name = name
        self.addresses = addresses
        self.endpoint = endpoint
        self.listenPort = listenPort
        self.interface = interface
        self.routes = routes
    }
}
