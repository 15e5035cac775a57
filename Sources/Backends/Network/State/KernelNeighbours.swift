import HostState
import NetAddress

/// A live container of ours that still uses an address here.
struct Holder {
    let reason: String
    /// The bridge that it is attached to, if that is still desired.
    let bridge: String?
}

extension KernelDifference {
    /// Entries on bridges of ours are exactly the plan.
    mutating func compareProxyNeighbours() {
        let live = liveAddresses()
        let wanted = Set(desired.proxyNeighbours)
        for entry in desired.proxyNeighbours where !observed.proxyNeighbours.contains(entry) {
            guard !blocked.contains(entry.interface) else { continue }
            if let holder = live[entry.address.hostCIDR] {
                postpone(.addProxyNeighbour(entry), holder.reason)
            } else {
                emit(.addProxyNeighbour(entry))
            }
        }
        let surplus = observed.proxyNeighbours.subtracting(wanted).filter { entry in
            guard let link = observed.links[entry.interface] else { return false }
            return isOurs(link) && !blocked.contains(entry.interface) && !misnamed.contains(entry.interface)
        }
        for entry in surplus.sorted(by: { ($0.interface, $0.address) < ($1.interface, $1.address) }) {
            departures.proxyNeighbours.append(.deleteProxyNeighbour(entry))
        }
    }

    /// The addresses that live containers of ours use on this host: routes elsewhere wait until they have stopped.
    func liveAddresses() -> [CIDR: Holder] {
        var holders: [CIDR: Holder] = [:]
        let wanted = Dictionary(context.desiredPodman.containers.map { ($0.name, $0) }) { first, _ in first }
        let names = inventory.containerNames
        for container in observedPodman?.containers.values.sorted(by: { $0.name < $1.name }) ?? [] {
            guard container.isLive, let name = names[container.id] else { continue }
            for address in container.addresses {
                let attachment = wanted[name]?.networks.first { $0.addresses.contains(address) }
                holders[address.hostCIDR] = Holder(
                    reason: "waiting until container \(name) has stopped",
                    bridge: attachment?.bridge ?? frozenBridge(of: name, address))
            }
        }
        return holders
    }

    /// The bridge of a frozen container, which no desired container names.
    private func frozenBridge(of container: String, _ address: IPAddress) -> String? {
        guard context.frozen.containers.contains(container) else { return nil }
        return context.desiredPodman.networks.first { $0.subnets.contains { $0.subnet.contains(address) } }?.bridge
    }
}
