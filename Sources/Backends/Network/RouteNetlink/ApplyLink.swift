internal import CLinux
internal import Glibc
public import HostState
internal import Netlink

extension RouteNetlinkClient {
    /// Creates a link of the kernel's WireGuard, up and marked, without key or peers.
    ///
    /// - Returns: false when the kernel has no WireGuard, and nothing was created.
    /// - Throws: `RouteNetlinkError`.
    public func createWireGuardLink(_ link: DesiredLink) throws -> Bool {
        do {
            try createLink(link)
            return true
        } catch RouteNetlinkError.unsupportedKind {
            return false
        } catch {
            throw RouteNetlinkError(error, "make link \(link.name)")
        }
    }

    /// Creates the link, or updates it if it exists with this kind and mark (a repeated request).
    func createLink(_ link: DesiredLink) throws {
        let links = try LinkTable(socket)
        let byName = links.byName
        if let found = byName[link.name] {
            guard found.kind == link.kind.kernelName, found.alias == link.alias else {
                throw RouteNetlinkError.exists(object: "link \(link.name)", found: found.summary)
            }
            return try updateLink(link, before: found)
        }
        if case .veth(let peer) = link.kind, let found = byName[peer] {
            throw RouteNetlinkError.exists(object: "link \(peer)", found: found.summary)
        }
        let master = try link.master.map { name in
            guard let index = byName[name]?.index else { throw RouteNetlinkError.noSuchLink(name: name) }
            return index
        }
        let index = freeIndex(links, besides: nil)
        let messages = LinkMessages.create(
            link, index: index, peerIndex: freeIndex(links, besides: index), masterIndex: master)
        let operation = "make link \(link.name)"
        let results = try socket.batch(messages, operation)
        if let refusal = results.first ?? nil {
            throw refusal.code == EOPNOTSUPP
                ? RouteNetlinkError.unsupportedKind(link.kind.kernelName) : RouteNetlinkError.refused(refusal)
        }
        if let refusal = results.compactMap({ $0 }).first {
            // Otherwise an incomplete link without a mark would remain, foreign to the next round.
            try socket.perform(LinkMessages.delete(index: index), "take back link \(link.name)")
            throw RouteNetlinkError.refused(refusal)
        }
    }

    /// Sets what differs now, after checking that the index is still the link that was observed.
    func updateLink(_ link: DesiredLink, before: ObservedLink) throws {
        let current = try verified(before)
        var masterIndex: Int32?
        if let name = link.master, current.master != name {
            guard let master = try socket.link(named: name) else { throw RouteNetlinkError.noSuchLink(name: name) }
            masterIndex = master.index
        } else if link.master == nil, current.master != nil {
            masterIndex = 0
        }
        let mtu = link.mtu == current.mtu ? nil : link.mtu
        let address = link.macAddress == current.macAddress ? nil : link.macAddress
        let alias = link.alias == current.alias ? nil : link.alias
        var messages: [NetlinkMessage] = []
        if mtu != nil || address != nil || alias != nil || masterIndex != nil || !current.isUp {
            messages.append(
                LinkMessages.set(
                    current.index, mtu: mtu, macAddress: address, alias: alias, masterIndex: masterIndex,
                    isUp: current.isUp ? nil : true))
        }
        if case .veth(let name) = link.kind, let peer = try socket.link(named: name), peer.kind == "veth",
            !peer.isUp || peer.alias != link.alias || (link.mtu != nil && peer.mtu != link.mtu)
        {
            messages.append(LinkMessages.setPeer(peer.index, alias: link.alias, mtu: link.mtu))
        }
        if let refusal = try socket.batch(messages, "alter link \(link.name)").compactMap({ $0 }).first {
            throw RouteNetlinkError.refused(refusal)
        }
    }

    func deleteLink(_ link: ObservedLink) throws {
        let current: ObservedLink
        do {
            current = try verified(link)
        } catch RouteNetlinkError.noSuchLink {
            return
        }
        guard current.alias == link.alias else {
            throw RouteNetlinkError.linkChanged(name: link.name, index: link.index, found: current.summary)
        }
        try socket.perform(LinkMessages.delete(index: current.index), "delete link \(link.name)")
    }

    func renameLink(_ link: ObservedLink, to name: String) throws {
        let current = try verified(link)
        let operation = "rename link \(link.name) to \(name)"
        let rename = LinkMessages.rename(current.index, to: name)
        var refusals = try socket.batch([rename], operation)
        if refusals.contains(where: { $0?.code == EBUSY }) {
            // Before Linux 6.2 a link that is up cannot be renamed. The next round restores what is lost while it is
            // down.
            refusals = try socket.batch(
                [LinkMessages.set(current.index, isUp: false), rename, LinkMessages.set(current.index, isUp: true)],
                operation)
        }
        if let refusal = refusals.compactMap({ $0 }).first { throw RouteNetlinkError.refused(refusal) }
    }

    /// Leaves a port alone that has got another master since it was observed.
    func attachPort(_ port: ObservedLink, to bridge: String) throws {
        let current = try verified(port)
        if current.master == bridge { return }
        guard current.master == nil else {
            throw RouteNetlinkError.linkChanged(name: port.name, index: port.index, found: current.summary)
        }
        guard let master = try socket.link(named: bridge) else { throw RouteNetlinkError.noSuchLink(name: bridge) }
        try socket.perform(
            LinkMessages.set(current.index, masterIndex: master.index, isUp: current.isUp ? nil : true),
            "attach link \(port.name) to \(bridge)")
    }

    /// The link as it is now, if its index, name and kind are still those that were observed.
    private func verified(_ before: ObservedLink) throws -> ObservedLink {
        guard let current = try socket.link(index: before.index) else {
            if let other = try socket.link(named: before.name) {
                throw RouteNetlinkError.linkChanged(name: before.name, index: before.index, found: other.summary)
            }
            throw RouteNetlinkError.noSuchLink(name: before.name)
        }
        guard current.name == before.name, current.kind == before.kind else {
            throw RouteNetlinkError.linkChanged(name: before.name, index: before.index, found: current.summary)
        }
        return current
    }

    /// A random unused index, far above those that the kernel assigns, so that no other link gets it before the request
    /// arrives.
    private func freeIndex(_ links: LinkTable, besides taken: Int32?) -> Int32 {
        while true {
            let index = Int32.random(in: 100_000...999_999)
            if links.links[index] == nil, index != taken { return index }
        }
    }
}

extension DesiredLink.Kind {
    /// `IFLA_INFO_KIND`.
    var kernelName: String {
        switch self {
        case .bridge: "bridge"
        case .veth: "veth"
        case .wireguard: "wireguard"
        }
    }
}

extension ObservedLink {
    /// `a bridge br0 (index 7) with alias "x"`, for errors.
    var summary: String {
        "a \(kind.isEmpty ? "hardware" : kind) link \(name) (index \(index))"
            + (alias.map { " with alias \"\($0)\"" } ?? " without alias")
    }
}
