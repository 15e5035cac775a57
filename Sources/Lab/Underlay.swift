public import NetAddress

/// The network below the tunnels, worked out from the nodes alone: one router in the middle, every host on a veth
/// of its own with /32 and /128 addresses, so that any mix of subnets works.
public struct Underlay: Hashable, Sendable, Codable {
    /// A host's place in the underlay.
    public struct Host: Hashable, Sendable, Codable {
        public let name: String
        /// What the other hosts dial; empty behind NAT. Sorted.
        public let endpointAddresses: [IPAddress]
        /// Every address of `eth0`: those above, and one for each family that has none, to dial out with. Sorted.
        public let addresses: [IPAddress]
        /// Behind NAT: the masquerading router's own addresses towards the underlay. Sorted.
        public let routerAddresses: [IPAddress]

        public var isBehindNAT: Bool { endpointAddresses.isEmpty }
    }

    /// In the order of the router's ports: sorted by name, then those that were added later.
    public private(set) var hosts: [Host]
    /// DNS names of endpoints and the address that the lab gives each.
    public private(set) var names: [String: IPAddress]

    /// - Throws: `LabError.sharedEndpoint` when two nodes have the same endpoint address or name.
    public init(nodes: [LabNode]) throws(LabError) {
        let nodes = nodes.sorted { $0.name < $1.name }
        var owners: [Endpoint.Host: String] = [:]
        for node in nodes {
            for endpoint in node.endpoints {
                if let other = owners.updateValue(node.name, forKey: endpoint) {
                    let text = Endpoint(host: endpoint, port: nil).description
                    throw .sharedEndpoint(text, nodes: [other, node.name])
                }
            }
        }
        hosts = []
        names = [:]
        var pool = AddressPool(taken: Set(owners.keys.compactMap(\.address)))
        for name in owners.keys.compactMap(\.name).sorted() { names[name] = pool.next(.endpointName, .v4) }
        for node in nodes { place(node, &pool) }
    }

    /// The same with one more host; all others keep what they have.
    ///
    /// - Throws: `LabError.sharedEndpoint` when a host has one of its addresses or names.
    public func adding(_ node: LabNode) throws(LabError) -> Underlay {
        for endpoint in node.endpoints {
            guard let address = endpoint.address ?? endpoint.name.flatMap({ names[$0] }),
                let other = hosts.first(where: { ($0.addresses + $0.routerAddresses).contains(address) })
            else { continue }
            throw .sharedEndpoint(Endpoint(host: endpoint, port: nil).description, nodes: [other.name, node.name])
        }
        var underlay = self
        let taken = hosts.flatMap { $0.addresses + $0.routerAddresses } + node.endpoints.compactMap(\.address)
        var pool = AddressPool(taken: Set(taken).union(names.values))
        for name in node.endpoints.compactMap(\.name).sorted() where underlay.names[name] == nil {
            underlay.names[name] = pool.next(.endpointName, .v4)
        }
        underlay.place(node, &pool)
        return underlay
    }

    /// Its names have addresses already.
    private mutating func place(_ node: LabNode, _ pool: inout AddressPool) {
        let endpoints = node.endpoints.compactMap { $0.address ?? $0.name.flatMap { names[$0] } }.sorted()
        let missing = IPAddress.Family.allCases.filter { family in !endpoints.contains { $0.family == family } }
        let purpose: AddressPool.Purpose = endpoints.isEmpty ? .behindNAT : .dialOut
        let added = missing.map { pool.next(purpose, $0) }
        let router = endpoints.isEmpty ? IPAddress.Family.allCases.map { pool.next(.natRouter, $0) } : []
        hosts.append(
            Host(
                name: node.name, endpointAddresses: endpoints, addresses: (endpoints + added).sorted(),
                routerAddresses: router.sorted()))
    }

    /// The `/etc/hosts` of a host: loopback, its own name, and every endpoint name of the manifests.
    public func hostsFile(for host: String) -> String {
        let lines =
            ["127.0.0.1 localhost", "127.0.1.1 \(host)", "::1 localhost ip6-localhost ip6-loopback"]
            + names.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Addresses from `198.18.0.0/15` (RFC 2544, set aside for test networks) and from a unique local prefix (RFC 4193).
private struct AddressPool {
    enum Purpose: UInt32 {
        case endpointName = 0
        case dialOut = 1
        case behindNAT = 2
        case natRouter = 3
    }

    private var used: Set<IPAddress>
    private var counters: [String: UInt32] = [:]

    init(taken: Set<IPAddress>) { used = taken }

    /// The next address that no endpoint of the manifests has. 32,767 IPv4 addresses for each purpose.
    mutating func next(_ purpose: Purpose, _ family: IPAddress.Family) -> IPAddress {
        let key = "\(purpose) \(family)"
        while true {
            let index = (counters[key] ?? 0) + 1
            counters[key] = index
            let address =
                family == .v4
                ? IPAddress(v4: 0xc612_0000 + purpose.rawValue << 15 + index)
                : IPAddress(family: .v6, value: 0xfd6c_6162 << 96 + UInt128(purpose.rawValue) << 64 + UInt128(index))
            if used.insert(address).inserted { return address }
        }
    }
}

extension Endpoint.Host {
    fileprivate var address: IPAddress? {
        if case .address(let address) = self { address } else { nil }
    }

    fileprivate var name: String? {
        if case .name(let name) = self { name } else { nil }
    }
}
