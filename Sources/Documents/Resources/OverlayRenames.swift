internal import NetAddress

/// Which Overlays took over another's place in one edit, and which could not.
///
/// A name says nothing of what a host has: the subnets, the interface, the listen port and this host's own addresses
/// do. An Overlay that has all of these from another is that Overlay under a new name, and everything else that differs
/// is an ordinary edit. Pure.
struct OverlayRenames: Sendable {
    /// The former name of each renamed Overlay, by its present name.
    private(set) var former: [String: String] = [:]
    /// Overlays of this host that are gone while a new one with a subnet of theirs cannot take them over: why, by name.
    private(set) var obstacles: [String: String] = [:]

    /// - Parameters:
    ///   - before, after: live versions by key, before and after the edit.
    ///   - node: this host's Node.
    init(before: [ResourceKey: TypedResource], after: [ResourceKey: TypedResource], node: String) {
        let old = before.overlays
        // Almost every edit leaves the Overlays as they are.
        guard old.contains(where: { after[ResourceKey(.overlay, $0.key)] !== before[ResourceKey(.overlay, $0.key)] })
        else { return }
        let new = after.overlays
        let key = ResourceKey(.node, node)
        let sitesBefore = old.mapValues { Site($0, on: before[key]?.content.node) }
        let sitesAfter = new.mapValues { Site($0, on: after[key]?.content.node) }
        var owners: [Site: String] = [:]
        for (name, site) in sitesBefore where sitesAfter[name] != site { owners[site] = name }
        for (name, site) in sitesAfter where sitesBefore[name] != site { former[name] = owners[site] }
        // Of a Node that is gone nothing can be said here: its own deletion waits.
        guard after[key] != nil else { return }
        let taken = Set(former.values)
        for (name, site) in sitesBefore where new[name] == nil && !taken.contains(name) && !site.addresses.isEmpty {
            let successors = sitesAfter.filter { old[$0.key] == nil && $0.value.overlaps(site) }
            guard let successor = successors.min(by: { $0.key < $1.key }) else { continue }
            obstacles[name] =
                "Overlay/\(name) would be deleted, and Overlay/\(successor.key) cannot take over what this host has "
                + "of it, because \(site.difference(from: successor.value))"
        }
    }

    /// What one Overlay has on this host.
    private struct Site: Hashable {
        let subnets: [CIDR]
        let interface: String
        let listenPort: UInt16
        /// This host's own; empty where it is no member.
        let addresses: [IPAddress]

        init(_ overlay: Overlay, on node: Node?) {
            let membership = node?.spec.overlays.first { $0.name == overlay.metadata.name }
            subnets = overlay.spec.subnets.sorted()
            interface = membership?.interface ?? overlay.spec.wireguard.interface
            listenPort = membership?.listenPort ?? overlay.spec.wireguard.listenPort
            addresses = membership?.addresses.sorted() ?? []
        }

        func overlaps(_ other: Site) -> Bool {
            subnets.contains { subnet in other.subnets.contains { $0.overlaps(subnet) } }
        }

        /// In words, the first that differs: `its interface is wg1, not wg0`.
        func difference(from other: Site) -> String {
            func list(_ items: [some CustomStringConvertible]) -> String {
                items.isEmpty ? "none" : items.map(\.description).joined(separator: ", ")
            }
            if subnets != other.subnets { return "its subnets are \(list(other.subnets)), not \(list(subnets))" }
            if interface != other.interface { return "its interface is \(other.interface), not \(interface)" }
            if listenPort != other.listenPort { return "its listen port is \(other.listenPort), not \(listenPort)" }
            return "this host's addresses in it are \(list(other.addresses)), not \(list(addresses))"
        }
    }
}

extension [ResourceKey: TypedResource] {
    fileprivate var overlays: [String: Overlay] {
        let overlays = values.compactMap(\.content.overlay)
        return [String: Overlay](overlays.map { ($0.metadata.name, $0) }) { first, _ in first }
    }
}
