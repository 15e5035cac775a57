import HostState
import NetAddress

extension KernelModel {
    mutating func create(_ link: DesiredLink) throws {
        guard state.links[link.name] == nil else { throw Refused("EEXIST: link \(link.name)") }
        if let master = link.master, state.links[master]?.kind != "bridge" { throw Refused("ENODEV: master \(master)") }
        var kind = "wireguard"
        switch link.kind {
        case .bridge: kind = "bridge"
        case .wireguard:
            state.devices[link.name] = ObservedDevice(
                interface: link.name, backend: .kernel, publicKey: nil, listenPort: 0)
        case .veth(let peer):
            kind = "veth"
            guard state.links[peer] == nil else { throw Refused("EEXIST: link \(peer)") }
            state.links[peer] = ObservedLink(
                index: index(), name: peer, kind: "veth", mtu: 1500, alias: link.alias, isUp: true)
            makeSysctls(of: peer)
        }
        let index = index()
        if case .veth(let peer) = link.kind, let end = state.links[peer]?.index {
            pairs[index] = end
            pairs[end] = index
        }
        state.links[link.name] = ObservedLink(
            index: index, name: link.name, kind: kind, mtu: link.mtu ?? 1500, macAddress: link.macAddress,
            alias: link.alias, master: link.master, isUp: true)
        makeSysctls(of: link.name)
    }

    mutating func update(_ link: DesiredLink) throws {
        guard var now = state.links[link.name] else { throw Refused("ENODEV: update of \(link.name)") }
        if let master = link.master, state.links[master]?.kind != "bridge" { throw Refused("ENODEV: master \(master)") }
        now.mtu = link.mtu ?? now.mtu
        now.macAddress = link.macAddress ?? now.macAddress
        now.master = link.master
        now.alias = link.alias
        now.isUp = true
        state.links[link.name] = now
    }

    /// All that hangs on it goes by the new name.
    mutating func rename(_ old: String, to name: String) throws {
        guard state.links[name] == nil else { throw Refused("EEXIST: link \(name)") }
        guard var link = state.links.removeValue(forKey: old) else { throw Refused("ENODEV: rename of \(old)") }
        link.name = name
        state.links[name] = link
        for i in state.addresses.indices where state.addresses[i].interface == old {
            state.addresses[i].interface = name
        }
        for i in state.routes.indices where state.routes[i].interface == old { state.routes[i].interface = name }
        state.proxyNeighbours = Set(
            state.proxyNeighbours.map {
                $0.interface == old ? ProxyNeighbour(interface: name, address: $0.address) : $0
            })
        for (other, link) in state.links where link.master == old { state.links[other]?.master = name }
        if var device = state.devices.removeValue(forKey: old) {
            device.interface = name
            state.devices[name] = device
        }
        for (key, value) in state.sysctls where SysctlKey.interface(of: key) == old {
            state.sysctls[key] = nil
            state.sysctls[key.replacing("/\(old)/", with: "/\(name)/")] = value
        }
        makeSysctls(of: name)
    }

    mutating func attach(_ port: String, to bridge: String) throws {
        guard state.links[bridge]?.kind == "bridge" else { throw Refused("ENODEV: master \(bridge)") }
        guard let link = state.links[port], link.master == nil else { throw Refused("EBUSY: \(port)") }
        state.links[port]?.master = bridge
        state.links[port]?.peerMACAddress = nil
    }

    /// With a veth's other end, whatever it is called.
    mutating func delete(_ name: String) throws {
        guard let link = state.links[name] else { throw Refused("ENODEV: delete of \(name)") }
        let end = pairs[link.index]
        try takeAway(name)
        if let end = state.links.values.first(where: { $0.index == end }) { try takeAway(end.name) }
    }

    /// With all that hangs on it: addresses, routes, entries, its ports' mastership. A link that is moved to another
    /// network namespace leaves this one so; its other end stays.
    mutating func takeAway(_ name: String) throws {
        guard state.links.removeValue(forKey: name) != nil else { throw Refused("ENODEV: \(name)") }
        for address in state.addresses where address.interface == name { try delete(address) }
        state.routes.removeAll { $0.interface == name }
        state.proxyNeighbours = state.proxyNeighbours.filter { $0.interface != name }
        state.devices[name] = nil
        for key in state.sysctls.keys where key.split(separator: "/").contains(Substring(name)) {
            state.sysctls[key] = nil
        }
        for (other, var port) in state.links where port.master == name {
            port.master = nil
            state.links[other] = port
        }
    }

    /// Its routes go at once, and its IPv6 addresses.
    mutating func takeDown(_ name: String) {
        state.links[name]?.isUp = false
        state.routes.removeAll { $0.interface == name }
    }

    mutating func add(_ address: DesiredAddress) throws {
        guard state.links[address.interface] != nil else { throw Refused("ENODEV: address on \(address.interface)") }
        let new = ObservedAddress(
            interface: address.interface, address: address.address, prefixLength: address.prefixLength)
        guard !state.addresses.contains(new) else { throw Refused("EEXIST: address \(address.address)") }
        state.addresses.append(new)
    }

    /// The last copy of an address takes along every IPv4 route with it as source (`fib_sync_down_addr`); IPv6 routes
    /// stay without it (`fib6_remove_prefsrc`).
    mutating func delete(_ address: ObservedAddress) throws {
        guard let place = state.addresses.firstIndex(of: address) else {
            throw Refused("EADDRNOTAVAIL: \(address.address)")
        }
        state.addresses.remove(at: place)
        guard !hasAddress(address.address) else { return }
        if address.address.family == .v4 {
            state.routes.removeAll { $0.preferredSource == address.address }
        } else {
            for i in state.routes.indices where state.routes[i].preferredSource == address.address {
                state.routes[i].preferredSource = nil
            }
        }
    }

    func hasAddress(_ address: IPAddress) -> Bool { state.addresses.contains { $0.address == address } }

    mutating func add(_ route: DesiredRoute) throws {
        let new = try observed(route)
        guard !state.routes.contains(where: { $0.isKey(of: new) }) else {
            throw Refused("EEXIST: route \(route.destination)")
        }
        state.routes.append(new)
    }

    mutating func replace(_ route: DesiredRoute) throws {
        let new = try observed(route)
        guard let place = state.routes.firstIndex(where: { $0.isKey(of: new) }) else {
            throw Refused("nothing to replace: \(route.destination)")
        }
        let isOnOurs = state.routes[place].interface.flatMap { state.links[$0]?.alias } != nil
        guard state.routes[place].protocolNumber == OwnershipMark.routeProtocol || isOnOurs else {
            throw Refused("a foreign route")
        }
        state.routes[place] = new
    }

    mutating func delete(_ route: ObservedRoute) throws {
        guard let place = state.routes.firstIndex(of: route) else { throw Refused("ESRCH: route \(route.destination)") }
        state.routes.remove(at: place)
    }

    private func observed(_ route: DesiredRoute) throws -> ObservedRoute {
        guard state.links[route.interface]?.isUp ?? false else {
            throw Refused("ENETDOWN: route dev \(route.interface)")
        }
        if let source = route.preferredSource, !hasAddress(source) { throw Refused("EINVAL: source \(source)") }
        return ObservedRoute(
            destination: route.destination, interface: route.interface, preferredSource: route.preferredSource,
            mtu: route.mtu, protocolNumber: OwnershipMark.routeProtocol,
            metric: route.destination.family == .v4 ? 0 : 1024)
    }
}

extension ObservedRoute {
    func isKey(of other: ObservedRoute) -> Bool { destination == other.destination && metric == other.metric }
}
