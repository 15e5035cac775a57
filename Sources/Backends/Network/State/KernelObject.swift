public import NetAddress

/// What the changes of the network lane act on.
public enum KernelObject: Hashable, Sendable, CustomStringConvertible {
    case link(String)
    case address(IPAddress, interface: String)
    case route(CIDR)
    case proxyNeighbour(IPAddress, interface: String)
    case sysctl(String)
    /// The key and listen port of a WireGuard interface.
    case device(String)
    case peer(PublicKey, interface: String)

    /// `route 10.0.0.20/32`, as messages name it.
    public var description: String {
        switch self {
        case .link(let name): "link \(name)"
        case .address(let address, let interface): "address \(address) of \(interface)"
        case .route(let destination): "route \(destination)"
        case .proxyNeighbour(let address, let interface): "proxy neighbour \(address) of \(interface)"
        case .sysctl(let key): "sysctl \(key)"
        case .device(let interface): "device \(interface)"
        case .peer(let publicKey, let interface): "peer \(publicKey) of \(interface)"
        }
    }
}
