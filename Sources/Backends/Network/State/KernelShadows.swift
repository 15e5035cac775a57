import Convergence
import HostState
import NetAddress

extension KernelDifference {
    /// Reports routes of ours that exist but are not taken. Rules are not ours: they are never changed.
    mutating func reportShadows() {
        let shadows = Dictionary(grouping: observed.shadows, by: \.interface)
        for link in desired.links where !blocked.contains(link.name) {
            guard let hidden = shadows[link.name], let first = hidden.first else { continue }
            let more = hidden.count > 1 ? " (and \(hidden.count - 1) more)" : ""
            let way =
                first.instead.map { "go to \($0.interface ?? "several devices") by routing table \($0.table)" }
                ?? "are dropped"
            result.conflicts.append(
                Conflict(
                    object: "route/\(first.destination)", owner: overlay(ofLink: link.name), ownerKind: .overlay,
                    message: "packets to \(first.destination.address)\(more) \(way), not to \(link.name) by our route: "
                        + "take away the rule or route that comes first (`ip rule`, `ip route get "
                        + "\(first.destination.address)`), or give the overlay another subnet"))
        }
    }
}
