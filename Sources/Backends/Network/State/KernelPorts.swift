import HostState

extension KernelDifference {
    /// Attaches containers of ours to their bridge again, after it was deleted and recreated.
    ///
    /// The container's end of the veth identifies it by an address derived from its name: a foreign veth without a
    /// bridge is ignored, and so is a port that somebody has put on another bridge.
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
