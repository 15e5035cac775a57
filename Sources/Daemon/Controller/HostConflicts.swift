internal import HostState
internal import NetAddress
internal import Resources
internal import RouteNetlink

/// Overlays that cannot be set up here: this host already reaches their subnet by a route or an address that is not
/// ours, or a renamed Overlay keeps their name.
///
/// Only this host knows, so it is a condition here and never a rejection of the document: the fleet must not diverge.
struct HostConflicts: Hashable, Sendable {
    /// Overlays that are not set up here at all, with the reason.
    var barred: [String: String] = [:]
    /// Overlays set up before the conflict appeared. They stay, because removing them would break a working network.
    var overlapped: [String: String] = [:]

    init() {}

    /// Pure.
    ///
    /// - Parameter node: this host; only the overlays that it is a member of count.
    init(_ live: ResourceSet, node: String, occupancy: RouteNetlinkClient.Occupancy, identities: Identities = .init()) {
        barTakenNames(in: live, node: node, identities)
        for overlay in HostConflicts.overlays(of: node, in: live) {
            let name = overlay.metadata.name
            if barred[name] != nil { continue }
            let clashes = overlay.spec.subnets.sorted().flatMap { subnet in
                occupancy.foreign.sorted().filter { subnet.overlaps($0.destination) }.map { (subnet, $0) }
            }
            guard let first = clashes.first else { continue }
            let more = clashes.count > 1 ? " (and \(clashes.count - 1) more)" : ""
            let clash = "overlay \(name): its subnet \(first.0) overlaps this host's \(first.1)\(more)"
            if occupancy.standing.contains(identities.original(ofOverlay: name)) {
                overlapped[name] =
                    "\(clash), which came later: the overlay stays, and one hides parts of the other; "
                    + "take the \(first.1.source.rawValue) away, or give the overlay another subnet"
            } else {
                barred[name] =
                    "\(clash): nothing of the overlay is set up here; "
                    + "take the \(first.1.source.rawValue) away, or give the overlay another subnet"
            }
        }
    }

    /// Bars overlays whose name or Podman network name a renamed overlay keeps on this host: otherwise each would treat
    /// the other's objects as its own.
    mutating func barTakenNames(in live: ResourceSet, node: String, _ identities: Identities) {
        guard !identities.overlays.isEmpty else { return }
        let overlays = HostConflicts.overlays(of: node, in: live)
        let network = { (overlay: Overlay) in
            overlay.spec.network.name ?? identities.original(ofOverlay: overlay.metadata.name)
        }
        let renamed = overlays.filter { identities.overlays[$0.metadata.name] != nil }
        for overlay in overlays where identities.overlays[overlay.metadata.name] == nil {
            let name = overlay.metadata.name
            let keeper =
                identities.keeper(ofOverlay: name)
                ?? renamed.first { network($0) == network(overlay) }?.metadata.name
            guard let keeper else { continue }
            barred[name] =
                "overlay \(name): Overlay/\(keeper) was renamed, and what it has on this host keeps the name "
                + "\(identities.original(ofOverlay: keeper)); nothing of this overlay is set up here: give it, or its "
                + "Podman network, another name"
        }
    }

    /// The overlays that a node is a member of.
    static func overlays(of node: String, in live: ResourceSet) -> [Overlay] {
        let memberships = live.nodes.first { $0.metadata.name == node }?.spec.overlays ?? []
        let names = Set(memberships.map(\.name))
        return live.overlays.filter { names.contains($0.metadata.name) }
    }

    /// One line per overlay, sorted.
    var warnings: [String] { (Array(barred.values) + Array(overlapped.values)).sorted() }

    /// All messages, by overlay.
    var all: [String: String] { barred.merging(overlapped) { barred, _ in barred } }
}
