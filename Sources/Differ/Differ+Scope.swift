import Algorithms
public import HostState
import NetAddress

extension Differ {
    /// What `kernelChanges` says of one part of the host, for a look that is known to be right but for that part: its
    /// cost does not grow with the rest.
    ///
    /// An endpoint is written to a peer that is new, or whose author has changed it: whether a peer is silent takes a
    /// fresh look.
    ///
    /// - Parameters:
    ///   - observed: as last read and converged; what of it lies in the scope may have changed since.
    ///   - desired: with its peers sorted by key and its routes by destination.
    public static func kernelChanges(
        from observed: ObservedKernel, to desired: DesiredKernel, within scope: KernelScope, inventory: Inventory,
        context: KernelContext
    ) -> ChangeSet {
        let part = observed.part(scope)
        let wanted = desired.part(scope, standing: part, edited: context.editedEndpoints)
        var result = ChangeSet()
        // What else there is to do, or to hold back, the next whole look tells better.
        result.changes = kernelChanges(from: part, to: wanted, inventory: inventory, context: context).changes.filter {
            if case .kernel(let change) = $0 { scope.contains(change) } else { false }
        }
        return result
    }
}

extension ObservedKernel {
    fileprivate func part(_ scope: KernelScope) -> ObservedKernel {
        var part = ObservedKernel()
        part.links = links
        part.addresses = addresses
        part.sysctls = sysctls
        part.routes = routes.filter { scope.destinations.contains($0.destination) }
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

extension DesiredKernel {
    fileprivate func part(
        _ scope: KernelScope, standing: ObservedKernel, edited: Set<TunnelPeer>
    ) -> DesiredKernel {
        var part = DesiredKernel()
        part.links = links
        part.addresses = addresses
        part.sysctls = sysctls
        part.routes = scope.destinations.sorted().flatMap { destination in
            routes.equal(destination, by: \.destination)
        }
        if !scope.proxyNeighbours.isEmpty {
            part.proxyNeighbours = proxyNeighbours.filter(scope.proxyNeighbours.contains)
        }
        part.devices = devices.map { device in
            var device = device
            let peers = device.peers
            device.peers = (scope.peers[device.interface] ?? []).sorted().flatMap { key in
                peers.equal(key, by: \.publicKey).map { peer in
                    var peer = peer
                    let isEdited = edited.contains(TunnelPeer(interface: device.interface, publicKey: key))
                    if standing.devices[device.interface]?.peers[key] != nil, !isEdited { peer.endpoint = nil }
                    return peer
                }
            }
            return device
        }
        return part
    }
}

extension Array {
    /// Those of an array sorted by a key that have this one.
    fileprivate func equal<Key: Comparable>(_ key: Key, by path: KeyPath<Element, Key>) -> ArraySlice<Element> {
        self[partitioningIndex { $0[keyPath: path] >= key }...].prefix { $0[keyPath: path] == key }
    }
}
