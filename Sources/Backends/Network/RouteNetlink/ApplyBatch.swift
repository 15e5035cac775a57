internal import CLinux
internal import Convergence
internal import Glibc
internal import HostState
internal import NetAddress
internal import Netlink
internal import NetworkState

extension KernelChange {
    /// Changes of one type that can be sent to the kernel together.
    enum BatchType: Hashable {
        case addAddress, deleteAddress, addRoute, deleteRoute, addProxyNeighbour, deleteProxyNeighbour

        /// The kernel's errors for deleting what is gone already: no such route, address, entry, interface.
        var harmless: Set<Int32> {
            switch self {
            case .addAddress, .addRoute, .addProxyNeighbour: []
            case .deleteAddress: [EADDRNOTAVAIL, ENODEV]
            case .deleteRoute: [ESRCH, ENODEV]
            case .deleteProxyNeighbour: [ENOENT, ENODEV]
            }
        }
    }

    /// nil for a change that is sent alone.
    var batchType: BatchType? {
        switch self {
        case .addAddress: .addAddress
        case .deleteAddress: .deleteAddress
        case .addRoute: .addRoute
        case .deleteRoute: .deleteRoute
        case .addProxyNeighbour: .addProxyNeighbour
        case .deleteProxyNeighbour: .deleteProxyNeighbour
        default: nil
        }
    }

    /// What is done, for errors.
    var operation: String { "\(words.action) \(words.target)" }
}

extension RouteNetlinkClient {
    /// Applies changes that all have the same, non-nil `batchType`.
    func applyTogether(_ changes: [KernelChange]) -> [Result<Void, RouteNetlinkError>] {
        var results = [Result<Void, RouteNetlinkError>](repeating: .success(()), count: changes.count)
        var messages: [NetlinkMessage] = []
        var positions: [Int] = []
        var indexes: [String: Int32?] = [:]
        for (position, change) in changes.enumerated() {
            do {
                guard let message = try message(for: change, &indexes) else { continue }
                messages.append(message)
                positions.append(position)
            } catch {
                results[position] = .failure(RouteNetlinkError(error, change.operation))
            }
        }
        do {
            let refusals = try keepingSecondaries(changes) {
                try socket.batch(messages, "apply \(messages.count) changes")
            }
            var existing: [Int] = []
            for (position, refusal) in zip(positions, refusals) {
                guard var refusal else { continue }
                if refusal.code == EEXIST { existing.append(position) }
                if changes[position].batchType?.harmless.contains(refusal.code) == true { continue }
                refusal.operation = changes[position].operation
                results[position] = .failure(.refused(refusal))
            }
            for (position, result) in try reread(existing.map { ($0, changes[$0]) }) { results[position] = result }
        } catch {
            // Which changes were applied is unknown until the next observation, so none may be reported as done.
            for position in positions {
                results[position] = .failure(RouteNetlinkError(error, changes[position].operation))
            }
        }
        return results
    }

    /// The index of our link of that name; nil when there is none.
    ///
    /// A name can move to another link: a change that is meant for our link must not reach a foreign one.
    /// - Throws: `linkChanged` for a foreign link.
    func ownIndex(of name: String) throws -> Int32? {
        guard let found = try socket.link(named: name) else { return nil }
        guard found.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false else {
            throw RouteNetlinkError.linkChanged(name: name, index: found.index, found: found.summary)
        }
        return found.index
    }

    /// nil when there is nothing to do: the object to delete was deleted with its interface.
    private func message(
        for change: KernelChange, _ indexes: inout [String: Int32?]
    ) throws -> NetlinkMessage? {
        func index(_ name: String) throws -> Int32? {
            if let known = indexes[name] { return known }
            let found = try ownIndex(of: name)
            indexes.updateValue(found, forKey: name)
            return found
        }
        func existing(_ name: String) throws -> Int32 {
            guard let index = try index(name) else { throw RouteNetlinkError.noSuchLink(name: name) }
            return index
        }
        switch change {
        case .addAddress(let address): return AddressMessages.add(address, index: try existing(address.interface))
        case .deleteAddress(let address):
            return try index(address.interface).map { AddressMessages.delete(address, index: $0) }
        case .addRoute(let route): return RouteMessages.add(route, index: try existing(route.interface))
        case .deleteRoute(let route):
            guard let name = route.interface else { return RouteMessages.delete(route, index: nil) }
            return try index(name).map { RouteMessages.delete(route, index: $0) }
        case .addProxyNeighbour(let neighbour):
            return ProxyNeighbourMessages.add(neighbour, index: try existing(neighbour.interface))
        case .deleteProxyNeighbour(let neighbour):
            return try index(neighbour.interface).map { ProxyNeighbourMessages.delete(neighbour, index: $0) }
        default: throw RouteNetlinkError.notOurs(change.operation)
        }
    }

    /// Decides about additions that the kernel refused with EEXIST: success if exactly the wanted object exists.
    private func reread(_ changes: [(Int, KernelChange)]) throws -> [(Int, Result<Void, RouteNetlinkError>)] {
        guard !changes.isEmpty else { return [] }
        let links = try LinkTable(socket)
        let addresses = try socket.addresses(of: links)
        let destinations = changes.compactMap { change in
            if case .addRoute(let route) = change.1 { route.destination } else { nil }
        }
        let routes = destinations.isEmpty ? [] : try socket.routes(of: links, destinations: Set(destinations))
        let byDestination = Dictionary(grouping: routes, by: \.destination)
        return changes.compactMap { position, change in
            switch change {
            case .addRoute(let route):
                let found = byDestination[route.destination] ?? []
                if found.contains(where: { $0.isWhat(route) }) { return (position, .success(())) }
                let other = found.first.map(\.summary) ?? "another route"
                return (position, .failure(.exists(object: "route \(route.destination)", found: other)))
            case .addAddress(let address):
                let found = addresses.filter { $0.interface == address.interface && $0.address == address.address }
                if found.contains(where: { $0.prefixLength == address.prefixLength && $0.peer == nil }) {
                    return (position, .success(()))
                }
                let object = "address \(address.address)/\(address.prefixLength) of \(address.interface)"
                let other = found.first?.description ?? "another address"
                return (position, .failure(.exists(object: object, found: other)))
            default: return nil
            }
        }
    }
}

extension ObservedRoute {
    /// `a route 10.0.0.20/32 dev eth0 of protocol 3`, for errors.
    var summary: String {
        "a route \(destination)" + (interface.map { " dev \($0)" } ?? "") + (gateway.map { " via \($0)" } ?? "")
            + " of protocol \(protocolNumber), metric \(metric)"
    }
}
