public import Convergence
public import HostState
import NetAddress

extension Differ {
    /// The result of `kernelChanges` for one part of the host, for an observation that is right except for that part:
    /// its cost does not grow with the rest.
    ///
    /// An endpoint is written to a peer that is new, or whose author has changed it: whether a peer is silent takes a
    /// fresh observation.
    ///
    /// - Parameters:
    ///   - observed: as last read and converged, with its routes sorted by destination; its part within the scope may
    ///     have changed since.
    ///   - gone: routes that are known to have been deleted since.
    ///   - desired: with its peers sorted by key and its routes by destination.
    public static func kernelChanges(
        from observed: ObservedKernel, without gone: Set<ObservedRoute> = [], to desired: DesiredKernel,
        within scope: KernelScope, inventory: Inventory, context: KernelContext
    ) -> ChangeSet<KernelChange> {
        var part = observed.part(scope)
        part.routes.removeAll(where: gone.contains)
        var wanted = desired.part(scope)
        for device in wanted.devices.indices {
            wanted.devices[device].hideEndpoints(standing: part, edited: context.editedEndpoints)
        }
        var result = ChangeSet<KernelChange>()
        // The next whole observation decides better about other and postponed changes.
        result.changes = kernelChanges(from: part, to: wanted, inventory: inventory, context: context).changes.filter(
            scope.contains)
        return result
    }
}

extension ObservedKernel {
    fileprivate func part(_ scope: KernelScope) -> ObservedKernel {
        var part = ObservedKernel()
        part.links = links
        part.addresses = addresses
        part.sysctls = sysctls
        part.routes = scope.destinations.sorted().flatMap { routes.equal($0, by: \.destination) }
        part.proxyNeighbours = proxyNeighbours.intersection(scope.proxyNeighbours)
        for (interface, device) in devices {
            var device = device
            let all = device.peers
            device.peers = [:]
            for key in scope.peers[interface] ?? [] { device.peers[key] = all[key] }
            part.devices[interface] = device
        }
        return part
    }
}

extension DesiredDevice {
    fileprivate mutating func hideEndpoints(standing: ObservedKernel, edited: Set<TunnelPeer>) {
        for index in peers.indices {
            let key = peers[index].publicKey
            let isEdited = edited.contains(TunnelPeer(interface: interface, publicKey: key))
            if standing.devices[interface]?.peers[key] != nil, !isEdited { peers[index].endpoint = nil }
        }
    }
}
