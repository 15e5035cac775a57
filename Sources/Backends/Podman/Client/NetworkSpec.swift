internal import HostState
internal import NetAddress

extension LibpodNetwork {
    init(_ network: DesiredNetwork, node: String) {
        self.init(
            name: network.name, id: nil, driver: "bridge", networkInterface: network.bridge,
            subnets: network.subnets.map(Subnet.init),
            isIPv6Enabled: network.subnets.contains { $0.subnet.family == .v6 },
            isDNSEnabled: network.isDNSEnabled,
            labels: [
                OwnershipMark.overlayLabel: network.overlay, OwnershipMark.specHashLabel: network.specHash,
                OwnershipMark.nodeLabel: node,
            ],
            options: ["mtu": String(network.mtu)])
    }

    /// Podman's id; the name if an older Podman reports none.
    var identifier: String { id ?? name }

    func observed(seal: HostSeal?) -> ObservedNetwork {
        ObservedNetwork(
            name: name, id: identifier, bridge: networkInterface ?? "", subnets: (subnets ?? []).compactMap(\.observed),
            mtu: options?["mtu"].flatMap { UInt32($0) }, isDNSEnabled: isDNSEnabled ?? false, labels: labels ?? [:],
            sealNonce: seal?.nonce(kind: "network", name: name, image: "", labels: labels ?? [:]))
    }
}

extension LibpodNetwork.Subnet {
    /// Without a lease range, one of only the gateway is written: Podman never assigns that, so a container that names
    /// no address is refused ("failed to find free IP in range"), while static addresses work outside the range.
    fileprivate init(_ subnet: DesiredNetwork.Subnet) {
        let gateway = subnet.gateway.description
        self.init(
            subnet: subnet.subnet.description, gateway: gateway,
            leaseRange: .init(
                first: subnet.leaseRange?.first.description ?? gateway,
                last: subnet.leaseRange?.last.description ?? gateway))
    }

    fileprivate var observed: DesiredNetwork.Subnet? {
        guard let subnet = CIDR(subnet), let gateway = gateway.flatMap({ IPAddress($0) }) else { return nil }
        var range: DesiredNetwork.LeaseRange?
        if let first = leaseRange?.first.flatMap({ IPAddress($0) }),
            let last = leaseRange?.last.flatMap({ IPAddress($0) }),
            first != gateway || last != gateway
        {
            range = .init(first: first, last: last)
        }
        return DesiredNetwork.Subnet(subnet: subnet, gateway: gateway, leaseRange: range)
    }
}
