import Convergence
import HostState
import NetAddress

/// One comparison of the kernel, part by part in the order of the changes; each part is an extension in its own file.
struct KernelDifference {
    /// Without what hangs on links that this comparison makes anew.
    var observed: ObservedKernel
    let desired: DesiredKernel
    let inventory: Inventory
    let context: KernelContext
    var result = ChangeSet<KernelChange>()
    /// Names of wanted links where something foreign stands, or that a link of ours has yet to get back: nothing of
    /// ours goes on them.
    var blocked: Set<String> = []
    /// Names under which links of ours stand that get their own back: what hangs on them stays as it is.
    var misnamed: Set<String> = []
    /// Names of links that this comparison creates.
    var created: Set<String> = []
    /// Those, and the links that were down.
    var revived: Set<String> = []
    /// Overlays' marks whose veth pair this comparison deletes and makes anew: both ends go, whatever they are called.
    var remadePairs: Set<String> = []
    /// Changes of the way out, put after all others.
    var departures = Departures()
    let desiredLinks: [String: DesiredLink]
    /// Addresses of ours that are not to stand for now, because Podman's network must come first.
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

    /// Whether a link that stands carries our mark; a frozen one is treated as a foreign one.
    func isOurs(_ link: ObservedLink) -> Bool {
        (link.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false) && !context.frozen.contains(link)
    }

    /// The name of the overlay that a wanted link belongs to.
    func overlay(ofLink name: String) -> String {
        desiredLinks[name].map { String($0.alias.dropFirst(OwnershipMark.aliasPrefix.count)) } ?? ""
    }
}
