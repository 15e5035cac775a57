import Convergence
import HostState
import NetAddress

extension KernelDifference {
    mutating func compareRoutes() {
        var ours: [CIDR: [ObservedRoute]] = [:]
        var foreign: [CIDR: ObservedRoute] = [:]
        for route in observed.routes {
            if route.protocolNumber == OwnershipMark.routeProtocol || isChangedInPlace(route), !isFrozen(route) {
                ours[route.destination, default: []].append(route)
            } else if route.isInOurPlace {
                foreign[route.destination] = route
            }
        }
        let live = liveAddresses()
        let bridges = bridgeSubnets()
        for route in desired.routes {
            let standing = ours.removeValue(forKey: route.destination) ?? []
            guard !blocked.contains(route.interface) else { continue }
            // To the kernel, a route with another metric or type of service is a different one: no replacement.
            let current = standing.first(where: \.isInOurPlace)
            let rest = standing.filter { $0 != current }
            let isIn = compare(
                route, current, isReplacing: !rest.isEmpty, foreign: foreign[route.destination],
                holder: live[route.destination], bridges: bridges)
            if isIn { deleteLater(rest) }
        }
        deleteLater(ours.values.joined().sorted(by: ObservedRoute.order))
    }

    private mutating func deleteLater(_ routes: [ObservedRoute]) {
        for route in routes where !(route.interface.map(misnamed.contains) ?? false) {
            departures.routes.append(.deleteRoute(route))
        }
    }

    /// A route to a destination of ours over a link of ours that names another maker, as `ip route change` leaves it.
    private func isChangedInPlace(_ route: ObservedRoute) -> Bool {
        // 2 is RTPROT_KERNEL: the connected route of an address.
        guard route.isInOurPlace, route.protocolNumber != 2, let name = route.interface,
            desiredLinks[name] != nil, let link = observed.links[name]
        else { return false }
        return isOurs(link)
    }

    /// A route of ours that must not be changed: to a frozen destination, or out of a frozen overlay's link.
    private func isFrozen(_ route: ObservedRoute) -> Bool {
        context.frozen.routes.contains(route.destination)
            || route.interface.flatMap { observed.links[$0] }.map(context.frozen.contains) ?? false
    }

    /// - Parameter isReplacing: whether another route of ours to the same destination is deleted.
    /// - Returns: whether the destination is routed as desired, now or by a change of this set.
    private mutating func compare(
        _ wanted: DesiredRoute, _ current: ObservedRoute?, isReplacing: Bool, foreign: ObservedRoute?,
        holder: Holder?, bridges: [(subnet: CIDR, bridge: String)]
    ) -> Bool {
        var route = wanted
        let waits = route.preferredSource.map(heldAddresses.contains) ?? false
        // The kernel deletes a route together with its source address: without a source the route survives.
        if waits { route.preferredSource = nil }
        // Reported even beside a route of ours: `ip route prepend` puts a foreign one before it.
        if let foreign { conflict(wanted, foreign) }
        if let current, route.isSame(as: current) { return true }
        let leadsAway = desiredLinks[route.interface]?.kind != .bridge
        if let holder, leadsAway, holder.bridge != route.interface, current?.interface != route.interface {
            if let current { keepWithoutSource(current) }
            postpone(current.map { .replaceRoute(wanted, before: $0) } ?? .addRoute(wanted), holder.reason)
            return false
        }
        if let current {
            guard foreign == nil || route.destination.family == .v6 else {
                postpone(.replaceRoute(route, before: current), "a route that is not ours could be replaced instead")
                return false
            }
            emit(.replaceRoute(route, before: current))
            let moved = current.interface.map { $0 != route.interface && desiredLinks[$0] != nil } ?? false
            if moved { announce(route, bridges) }
        } else if foreign != nil {
            return false
        } else if waits && !isReplacing {
            postpone(.addRoute(wanted), "waiting for its source address")
            return false
        } else {
            emit(.addRoute(route))
            // A link that was deleted or down lost its routes: nothing has moved.
            if !revived.contains(route.interface) && !isReplacing { announce(route, bridges) }
        }
        return true
    }

    /// Keeps a route where it is for now, while its source address is deleted.
    private mutating func keepWithoutSource(_ route: ObservedRoute) {
        guard let source = route.preferredSource, heldAddresses.contains(source), let interface = route.interface,
            desiredLinks[interface] != nil, !blocked.contains(interface)
        else { return }
        let same = DesiredRoute(destination: route.destination, interface: interface, mtu: route.mtu)
        emit(.replaceRoute(same, before: route))
    }

    /// An address that just left this host: neighbours here still have its old MAC.
    private mutating func announce(_ route: DesiredRoute, _ bridges: [(subnet: CIDR, bridge: String)]) {
        guard route.destination.isHost,
            let bridge = bridges.first(where: { $0.subnet.contains(route.destination) })?.bridge,
            bridge != route.interface
        else { return }
        emit(.announce(interface: bridge, address: route.destination.address, macAddress: nil))
    }

    private mutating func conflict(_ route: DesiredRoute, _ foreign: ObservedRoute) {
        let via = foreign.interface.map { "dev \($0)" } ?? "without a device"
        result.conflicts.append(
            Conflict(
                object: "route/\(route.destination)", owner: overlay(ofLink: route.interface), ownerKind: .overlay,
                message:
                    "a route to \(route.destination) \(via) (protocol \(foreign.protocolNumber)) exists and is not ours: "
                    + "delete it, or give the overlay another subnet"))
    }

    /// The bridges that existed before, with their subnets. Announcements are useless on a bridge that is new or, as
    /// far as Podman knows, has no live container.
    private func bridgeSubnets() -> [(subnet: CIDR, bridge: String)] {
        let neighbours = observedPodman?.containers.values.filter(\.isLive).flatMap(\.addresses)
        return desired.addresses.compactMap { address in
            guard desiredLinks[address.interface]?.kind == .bridge, observed.links[address.interface] != nil,
                !created.contains(address.interface), !blocked.contains(address.interface)
            else { return nil }
            let subnet = CIDR(containing: address.address, prefixLength: address.prefixLength)
            let hasNeighbours = neighbours?.contains { subnet.contains($0) } ?? true
            return hasNeighbours ? (subnet, address.interface) : nil
        }
    }

    /// Announces containers that started to run on their bridges, with their own MACs.
    mutating func announceArrivals() {
        for container in context.arrived.sorted(by: { $0.name < $1.name }) {
            for network in container.networks where observed.links[network.bridge] != nil {
                guard !blocked.contains(network.bridge) else { continue }
                for address in network.addresses {
                    emit(.announce(interface: network.bridge, address: address, macAddress: network.macAddress))
                }
            }
        }
    }
}

extension DesiredRoute {
    func isSame(as route: ObservedRoute) -> Bool {
        route.protocolNumber == OwnershipMark.routeProtocol && route.interface == interface && route.gateway == nil
            && route.preferredSource == preferredSource
            && route.mtu == mtu
    }
}

extension ObservedRoute {
    static func order(_ a: ObservedRoute, _ b: ObservedRoute) -> Bool {
        (a.destination, a.metric, a.typeOfService ?? 0, a.interface ?? "")
            < (b.destination, b.metric, b.typeOfService ?? 0, b.interface ?? "")
    }
}
