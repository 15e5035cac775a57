internal import Manifest
internal import NetAddress

/// What one resource wants for itself: the rules across resources compare these, and nothing else of a Node.
struct Claims: Sendable {
    /// Addresses of one family or two on one overlay: the node's own, or a container's.
    struct Use: Sendable, Hashable {
        let overlay: String
        let addresses: [IPAddress]
        let field: Field
    }

    struct Address: Sendable {
        let thing: OverlayAddress
        let field: Field
    }

    struct OverlayAddress: Hashable, Sendable {
        let overlay: String
        let address: IPAddress
    }

    struct Range: Sendable {
        enum Role: Int {
            case subnet, route, endpoint
        }

        let cidr: CIDR
        let role: Role
        /// Empty for an endpoint of all overlays.
        let overlay: String
        let field: Field
    }

    /// Where a claim stands. A path is made when there is something to say.
    enum Field: Hashable, Sendable {
        case endpoint
        case subnet(Int)
        case membershipEndpoint(Int)
        case route(membership: Int, Int)
        /// nil: the whole list.
        case addresses(membership: Int, Int?)
        case containerAddresses(container: Int, network: Int, Int?)

        /// One item of a list.
        func item(_ index: Int) -> Field {
            switch self {
            case .addresses(let membership, _): .addresses(membership: membership, index)
            case .containerAddresses(let container, let network, _):
                .containerAddresses(container: container, network: network, index)
            default: self
            }
        }

        var path: FieldPath {
            let spec = FleetRules.spec
            func list(_ path: FieldPath, _ item: Int?) -> FieldPath { item.map { path + $0 } ?? path }
            switch self {
            case .endpoint: return spec + "endpoint"
            case .subnet(let index): return spec + "subnets" + index
            case .membershipEndpoint(let index): return spec + "overlays" + index + "endpoint"
            case .route(let membership, let index): return spec + "overlays" + membership + "routes" + index
            case .addresses(let membership, let item):
                return list(spec + "overlays" + membership + "addresses", item)
            case .containerAddresses(let container, let network, let item):
                return list(spec + "containers" + container + "networks" + network + "addresses", item)
            }
        }
    }

    private(set) var publicKey: PublicKey?
    /// An overlay's network in Podman.
    private(set) var networkName: String?
    private(set) var subnets: [CIDR] = []
    private(set) var uses: [Use] = []
    /// Those of `uses` one by one, and routes to a single address.
    private(set) var addresses: [Address] = []
    private(set) var ranges: [Range] = []

    init() {}

    init(_ content: ResourceContent) {
        switch content {
        case .node(let node): add(node.spec)
        case .overlay(let overlay): add(overlay)
        }
    }

    /// The claims that a look at a host shows to be in force there.
    func part(
        publicKey: Bool, networkName: Bool, addresses isCarried: (OverlayAddress) -> Bool,
        ranges isCarriedRange: (Range) -> Bool
    ) -> Claims {
        var part = Claims()
        if publicKey { part.publicKey = self.publicKey }
        if networkName { part.networkName = self.networkName }
        part.addresses = addresses.filter { isCarried($0.thing) }
        part.ranges = ranges.filter(isCarriedRange)
        return part
    }

    private mutating func add(_ overlay: Overlay) {
        let name = overlay.metadata.name
        networkName = overlay.spec.network.name ?? name
        subnets = overlay.spec.subnets
        for (index, subnet) in subnets.enumerated() {
            ranges.append(Range(cidr: subnet, role: .subnet, overlay: name, field: .subnet(index)))
        }
    }

    private mutating func add(_ node: NodeSpec) {
        publicKey = node.publicKey
        add(node.endpoint, overlay: "", .endpoint)
        for (index, membership) in node.overlays.enumerated() {
            uses.append(
                Use(
                    overlay: membership.name, addresses: membership.addresses, field: .addresses(membership: index, nil)
                ))
            add(membership.endpoint, overlay: membership.name, .membershipEndpoint(index))
            for (number, route) in membership.routes.enumerated() {
                ranges.append(
                    Range(cidr: route, role: .route, overlay: membership.name, field: .route(membership: index, number))
                )
            }
        }
        for (index, container) in node.containers.enumerated() {
            for (number, network) in container.networks.enumerated() {
                uses.append(
                    Use(
                        overlay: network.overlay, addresses: network.addresses,
                        field: .containerAddresses(container: index, network: number, nil)))
            }
        }
        for use in uses {
            for (index, address) in use.addresses.enumerated() {
                addresses.append(
                    Address(
                        thing: OverlayAddress(overlay: use.overlay, address: address), field: use.field.item(index)))
            }
        }
        for range in ranges where range.role == .route && range.cidr.isHost {
            addresses.append(
                Address(
                    thing: OverlayAddress(overlay: range.overlay, address: range.cidr.address), field: range.field))
        }
    }

    private mutating func add(_ endpoint: Endpoint?, overlay: String, _ field: Field) {
        guard case .address(let address)? = endpoint?.host else { return }
        ranges.append(Range(cidr: address.hostCIDR, role: .endpoint, overlay: overlay, field: field))
    }
}
