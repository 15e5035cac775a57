public import Convergence
public import HostState
import NetAddress

extension Differ {
    /// The changes of rtnetlink, WireGuard and `/proc/sys`, adds before deletes.
    ///
    /// `observed.sysctls` must cover the keys of `desired.sysctls` and of `inventory.sysctlsBefore`.
    public static func kernelChanges(
        from observed: ObservedKernel, to desired: DesiredKernel, inventory: Inventory, context: KernelContext
    ) -> ChangeSet<KernelChange> {
        var difference = KernelDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}

/// One comparison of the kernel, in the order of the changes; each section is an extension in its own file.
struct KernelDifference {
    /// Without the objects on links that this comparison recreates.
    var observed: ObservedKernel
    let desired: DesiredKernel
    let inventory: Inventory
    let context: KernelContext
    var result = ChangeSet<KernelChange>()
    /// Names of desired links that a foreign link has, or that a link of ours must get back first: nothing of ours is
    /// put on them.
    var blocked: Set<String> = []
    /// Present names of links of ours that get their own names back: the objects on them are not changed.
    var misnamed: Set<String> = []
    /// Names of links that this comparison creates.
    var created: Set<String> = []
    /// Links that this comparison creates, and links that were down.
    var revived: Set<String> = []
    /// Marks of the overlays whose veth pair this comparison recreates: both ends are deleted, whatever their names.
    var remadePairs: Set<String> = []
    /// Deletions and other changes that come after all others.
    var departures = Departures()
    let desiredLinks: [String: DesiredLink]
    /// Addresses of ours that must be absent for now, because Podman's network must come first.
    var heldAddresses: Set<IPAddress> = []

    struct Departures {
        var proxyNeighbours: [KernelChange] = []
        var routes: [KernelChange] = []
        var peers: [KernelChange] = []
        var addresses: [KernelChange] = []
        var links: [KernelChange] = []
        var sysctls: [KernelChange] = []
    }

    init(observed: ObservedKernel, desired: DesiredKernel, inventory: Inventory, context: KernelContext) {
        self.observed = observed
        self.desired = desired
        self.inventory = inventory
        self.context = context
        desiredLinks = Dictionary(desired.links.map { ($0.name, $0) }) { first, _ in first }
    }

    mutating func compute() -> ChangeSet<KernelChange> {
        renameLinks()
        compareLinks()
        compareSysctls()
        compareDevices()
        compareAddresses()
        compareRoutes()
        reportShadows()
        compareProxyNeighbours()
        comparePorts()
        announceArrivals()
        restoreSysctls()
        holdForRenames()
        let out = departures
        for change in out.proxyNeighbours + out.routes + out.peers + out.addresses + out.links + out.sysctls {
            emit(change)
        }
        return result
    }

    mutating func emit(_ change: KernelChange) { result.changes.append(change) }

    mutating func postpone(_ change: KernelChange, _ reason: String) {
        result.waiting.append(WaitingChange(change, reason: reason))
    }

    /// Podman's last observation, when it has answered.
    var observedPodman: ObservedPodman? {
        guard case .observed(let podman) = context.podman else { return nil }
        return podman
    }

    /// Whether an existing link carries our mark; a frozen one is treated as a foreign one.
    func isOurs(_ link: ObservedLink) -> Bool {
        (link.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false) && !context.frozen.contains(link)
    }

    /// The name of the overlay that a desired link belongs to.
    func overlay(ofLink name: String) -> String {
        desiredLinks[name].map { String($0.alias.dropFirst(OwnershipMark.aliasPrefix.count)) } ?? ""
    }
}
