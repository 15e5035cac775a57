extension DesiredKernel {
    /// Only the peers, routes and proxy entries of a part, and all the rest; its peers are sorted by key, its routes by
    /// destination.
    public func part(_ scope: KernelScope) -> DesiredKernel {
        var part = DesiredKernel()
        part.links = links
        part.addresses = addresses
        part.sysctls = sysctls
        part.routes = scope.destinations.sorted().flatMap { routes.equal($0, by: \.destination) }
        part.proxyNeighbours =
            scope.proxyNeighbours.isEmpty ? [] : proxyNeighbours.filter(scope.proxyNeighbours.contains)
        part.devices = devices.map { device in
            var part = device
            part.peers = (scope.peers[device.interface] ?? []).sorted().flatMap {
                device.peers.equal($0, by: \.publicKey)
            }
            return part
        }
        return part
    }
}
