public import Convergence
public import NetAddress

/// The last observation of the kernel. Written by the network lane.
public struct KernelObservation: Fact {
    /// nil before the first observation.
    public var kernel: ObservedKernel?
    /// The time of the observation.
    public var observedAt: ContinuousClock.Instant?
    /// The number of the plan that the network lane's last round compared with, whatever its result.
    public var comparedPlan = 0

    public init() {}
}

/// The part of the kernel that other lanes act on: our links, their addresses, our routes and proxy entries. Written by
/// the network lane; unlike `KernelObservation` it stays the same while only counters change.
public struct KernelShape: Fact {
    /// nil before the first observation.
    public var entries: Set<String>?

    public static let cause = "network"

    public init() {}

    public init(_ kernel: ObservedKernel) {
        let names = Set(
            kernel.links.values.filter { $0.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false }.map(\.name))
        var entries = names
        for address in kernel.addresses where names.contains(address.interface) {
            entries.insert("\(address.interface) \(address.address)")
        }
        for entry in kernel.proxyNeighbours { entries.insert("\(entry.interface) proxy \(entry.address)") }
        for route in kernel.routes where route.protocolNumber == OwnershipMark.routeProtocol {
            entries.insert("\(route.interface ?? "") route \(route.destination)")
        }
        self.entries = entries
    }
}

/// The last observation of Podman. Written by the Podman lane.
public struct PodmanObservation: Fact {
    public var view: PodmanView = .unknown
    /// Which of this host's containers started to run since the daemon started, by name: a number that no earlier
    /// arrival has.
    public var arrivals: [String: Int] = [:]
    private var lastArrival = 0

    public static let cause = "podman"

    public init() {}

    /// Adds a new observation.
    ///
    /// - Parameter wanted: the names of this host's containers.
    public mutating func observe(_ observed: ObservedPodman, wanted: [String]) {
        let wasLive: Set<String>?
        switch view {
        // At the daemon's start no container counts as arrived.
        case .unknown: wasLive = nil
        // Their state meanwhile is unknown: all of them arrive again.
        case .unavailable: (wasLive, arrivals) = ([], [:])
        case .observed(let before): wasLive = Set(before.containers.values.filter(\.isLive).map(\.name))
        }
        let live = Set(observed.containers.values.filter(\.isLive).map(\.name))
        if let wasLive {
            for name in wanted where live.contains(name) && !wasLive.contains(name) && arrivals[name] == nil {
                lastArrival += 1
                arrivals[name] = lastArrival
            }
        }
        arrivals = arrivals.filter { live.contains($0.key) && wanted.contains($0.key) }
        view = .observed(observed)
    }
}

/// What Podman failed to do. Written by the Podman lane.
public struct PodmanFailures: Fact {
    /// Why an image could not be pulled, by its reference.
    public var pulls: [String: String] = [:]
    /// Why a container could not be created or started the last time, by its name.
    public var starts: [String: String] = [:]

    public init() {}
}

/// The addresses of the DNS names of endpoints, best first. Written by the resolver.
public struct ResolvedNames: Fact {
    public var addresses: [String: [IPAddress]] = [:]
    /// Names that resolve on this host to nothing but addresses at which no other host is, such as loopback: the first of
    /// them.
    public var useless: [String: IPAddress] = [:]

    public static let cause = "names"

    public init() {}

    /// Whether the peer's endpoint is a name that has no address yet.
    public func isUnresolved(_ peer: DesiredPeer) -> Bool {
        if case .name(let name)? = peer.endpoint?.host { addresses[name] == nil } else { false }
    }

    /// Takes in what the resolver found, which is not empty. Addresses at which no other host is are left out; where all are
    /// such, those of before stay.
    ///
    /// - Returns: whether this changed anything.
    public mutating func take(_ found: [IPAddress], for name: String) -> Bool {
        // A link-local address of IPv6 needs an interface, which the resolver's answer has and WireGuard's does not keep.
        let usable = found.filter { address in
            Endpoint(host: .address(address), port: nil).whyUnreachable == nil
                && !(address.family == .v6 && address.isLinkLocal)
        }
        let before = (addresses[name], useless[name])
        useless[name] = usable.isEmpty ? found.first : nil
        if !usable.isEmpty { addresses[name] = usable }
        return before != (addresses[name], useless[name])
    }
}

/// What this daemon has created. Written by the inventory records.
public struct InventoryState: Fact {
    public var inventory = Inventory()
    /// Whether it differs from what is on disk.
    public var isUnsaved = false

    public init() {}
}
