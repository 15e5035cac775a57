extension DesiredKernel {
    /// This state with only the peers, routes and proxy entries of a part; peers must be sorted by key, routes by
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
