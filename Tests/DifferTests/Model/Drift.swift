import FleetModel
import HostState
import NetAddress

extension World {
    /// One thing that an administrator, a crash or another program does to the host.
    mutating func drift(_ random: inout SeededGenerator) {
        let ours = ourLinks(where: { _ in true })
        let routes = kernel.state.routes.indices.filter { kernel.state.routes[$0].protocolNumber == 87 }
        switch Int.random(in: 0..<19, using: &random) {
        case 0: if let name = random.pick(ours) { try? kernel.delete(name) }
        case 1: if let name = random.pick(ours) { kernel.takeDown(name) }
        case 2: if let name = random.pick(ours) { kernel.state.links[name]?.mtu = 999 }
        case 3: if let name = random.pick(ours) { kernel.state.links[name]?.master = nil }
        case 4:
            let standing = kernel.state.addresses.filter { ours.contains($0.interface) }
            if let address = random.pick(standing) { try? kernel.delete(address) }
        case 5:
            if let name = random.pick(ours.filter { !$0.hasPrefix("v") }), let address = IPAddress("172.16.0.9") {
                try? kernel.add(DesiredAddress(interface: name, address: address, prefixLength: 30))
            }
        case 6: if let i = random.pick(routes) { kernel.state.routes.remove(at: i) }
        case 7: if let i = random.pick(routes) { kernel.state.routes[i].preferredSource = nil }
        case 8: if let i = random.pick(routes) { kernel.state.routes[i].interface = "eth0" }
        case 9: if let i = random.pick(routes) { kernel.state.routes[i].metric = 77 }
        case 10: driftNeighbours(&random)
        case 11:
            if let key = random.pick(kernel.state.sysctls.keys.sorted()) { kernel.state.sysctls[key] = "7" }
        case 14: driftLinks(&random)
        case 15: if let name = random.pick(ours) { kernel.state.links[name]?.master = "vrf1" }
        case 12, 13: driftPeers(&random)
        default: driftPodman(&random)
        }
    }

    /// One thing that is done to links by hand. Several in a row meet the same few links: what was renamed is renamed
    /// again, or goes, or its pair does.
    mutating func driftLinks(_ random: inout SeededGenerator) {
        let ours = ourLinks(where: { _ in true })
        switch Int.random(in: 0..<8, using: &random) {
        case 0: if let name = random.pick(ours) { try? kernel.delete(name) }
        case 1: if let end = random.pick(ourLinks { $0.kind == "veth" }) { try? kernel.takeAway(end) }
        case 2: if let name = random.pick(ours) { kernel.takeDown(name) }
        case 3, 4:
            let standing = kernel.state.addresses.filter { ours.contains($0.interface) }
            if let address = random.pick(standing) { try? kernel.delete(address) }
        default:
            if let name = random.pick(ours), let other = random.pick(["renamed", "again"]) {
                try? kernel.rename(name, to: other)
            }
        }
    }

    private func ourLinks(where isMeant: (ObservedLink) -> Bool) -> [String] {
        kernel.state.links.values
            .filter { ($0.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false) && isMeant($0) }.map(\.name).sorted()
    }

    private mutating func driftNeighbours(_ random: inout SeededGenerator) {
        let bridges = kernel.state.links.values.filter { $0.kind == "bridge" && $0.alias != nil }.map(\.name).sorted()
        if let bridge = random.pick(bridges), let stale = IPAddress("fd00:10::99"), random.chance(50) {
            kernel.state.proxyNeighbours.insert(ProxyNeighbour(interface: bridge, address: stale))
        } else {
            kernel.state.proxyNeighbours.removeAll()
        }
    }

    private mutating func driftPeers(_ random: inout SeededGenerator) {
        guard var device = kernel.state.devices.values.first,
            let key = random.pick(device.peers.keys.sorted())
        else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: device.peers[key] = nil
        case 1: device.peers[key]?.allowedIPs = []
        case 2:
            if let other = random.pick(device.peers.keys.sorted()), other != key,
                let stolen = device.peers[other]?.allowedIPs
            {
                device.peers[key]?.allowedIPs.formUnion(stolen)
                device.peers[other]?.allowedIPs = []
            }
        case 3:
            device.peers[key]?.persistentKeepalive = 5
            device.peers[key]?.presharedKey = KeyFingerprint(bytes: [5])
            device.fwmark = 9
        default: device.publicKey = RandomFleet.key(9)
        }
        kernel.state.devices[device.interface] = device
    }

    private mutating func driftPodman(_ random: inout SeededGenerator) {
        let name = random.pick(podman.state.containers.keys.filter { !$0.hasPrefix("foreign") }.sorted())
        switch Int.random(in: 0..<4, using: &random) {
        case 0: if let name { podman.state.containers[name] = nil }
        case 1: if let name { podman.state.containers[name]?.state = .exited }
        case 2:
            // `podman network rm -f` takes the network's containers along.
            let ours = podman.state.networks.values.filter { $0.name != "foreign" }.sorted { $0.name < $1.name }
            if let network = random.pick(ours) {
                for container in podman.attached(to: network) { podman.state.containers[container.name] = nil }
                podman.state.networks[network.name] = nil
            }
        default: podman.state.images.removeAll()
        }
    }
}
