import FleetModel
import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import WireGuard

extension KernelHost {
    /// Somebody changes something of ours by hand.
    func drift(_ random: inout SeededGenerator) async throws {
        let kernel = try await observed()
        let ours = kernel.links.values.filter { $0.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false }
            .sorted { $0.name < $1.name }
        let routes = kernel.routes.filter { $0.protocolNumber == OwnershipMark.routeProtocol }
        let change: KernelChange?
        switch Int.random(in: 0..<40, using: &random) {
        case 0: change = random.pick(ours.filter { $0.kind != "tun" }).map { .deleteLink($0) }
        case 1:
            if let link = random.pick(ours) { try await host.run("ip link set \(link.name) down") }
            change = nil
        case 2..<5:
            if let link = random.pick(ours) { try await host.run("ip link set \(link.name) mtu 1300") }
            change = nil
        case 5..<12:
            change = random.pick(kernel.addresses.filter { address in ours.contains { $0.name == address.interface } })
                .map { .deleteAddress($0) }
        case 12..<20: change = random.pick(routes).map { .deleteRoute($0) }
        case 20..<24:
            change = random.pick(routes).map {
                .replaceRoute(DesiredRoute(destination: $0.destination, interface: "f0"), before: $0)
            }
        case 24..<28:
            change = random.pick(
                kernel.sysctls.keys.filter { $0.hasSuffix("proxy_delay") || $0.hasSuffix("proxy_arp") }.sorted()
            )
            .map { .setSysctl(DesiredSysctl(key: $0, value: "1"), before: nil) }
        case 28..<31:
            change = random.pick(kernel.proxyNeighbours.sorted { $0.address < $1.address }).map {
                .deleteProxyNeighbour($0)
            }
        default:
            try await driftPeers(kernel, &random)
            change = nil
        }
        // What it could not do, it has not done.
        if let change { try? await rivalRoutes.apply(change) }
    }

    private func driftPeers(_ kernel: ObservedKernel, _ random: inout SeededGenerator) async throws {
        guard let device = kernel.devices.values.min(by: { $0.interface < $1.interface }),
            let peer = random.pick(device.peers.values.sorted { $0.publicKey < $1.publicKey })
        else { return }
        var update = PeerUpdate(node: "", publicKey: peer.publicKey)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: _ = await rivalWireGuard.apply([.removePeer(interface: device.interface, peer)], key: key)
        case 1: update.removeAllowedIPs = peer.allowedIPs.sorted()
        case 2:
            update.persistentKeepalive = 7
            try await host.run(
                """
                wg genpsk >/run/psk
                wg set \(device.interface) fwmark 9 peer \(peer.publicKey) preshared-key /run/psk
                """)
        // Takes what belongs to the others.
        default: update.addAllowedIPs = device.peers.values.flatMap(\.allowedIPs).sorted()
        }
        if !update.isEmpty {
            _ = await rivalWireGuard.apply([.updatePeer(interface: device.interface, update)], key: key)
        }
    }
}
