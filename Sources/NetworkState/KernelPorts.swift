import HostState

extension KernelDifference {
    /// Containers of ours whose bridge was deleted and made again are put back on it, when it is whole.
    ///
    /// Their end of the veth tells them, by an address that is derived from their name: whatever else has no bridge is
    /// somebody else's, and a port on another bridge is where somebody has put it.
    mutating func comparePorts() {
        let strays = observed.links.values.filter { $0.kind == "veth" && $0.master == nil && $0.peerMACAddress != nil }
        guard !strays.isEmpty else { return }
        for container in context.desiredPodman.containers.sorted(by: { $0.name < $1.name }) {
            for network in container.networks where desiredLinks[network.bridge]?.kind == .bridge {
                guard !blocked.contains(network.bridge) else { continue }
                for link in strays.sorted(by: { $0.name < $1.name }) where link.peerMACAddress == network.macAddress {
                    emit(.attachPort(link, bridge: network.bridge, container: container.name))
                }
            }
        }
    }
}
