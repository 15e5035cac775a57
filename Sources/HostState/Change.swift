public import NetAddress

/// One step from what is observed to what is desired. A backend applies it; a dry run prints it.
public enum Change: Hashable, Sendable, Codable {
    case kernel(KernelChange)
    case podman(PodmanChange)
    case firewall(FirewallChange)
}

/// Boxed: a cold start passes tens of thousands on from step to step.
public indirect enum KernelChange: Hashable, Sendable, Codable {
    case createLink(DesiredLink)
    /// Sets what differs: MTU, MAC, alias, master, up. `before` guards against an index that was reused.
    case updateLink(DesiredLink, before: ObservedLink)
    case deleteLink(ObservedLink)
    /// Gives a link the name back that somebody took from it, with all that hangs on it.
    case renameLink(ObservedLink, to: String)
    /// Makes a container's veth, which has lost its bridge, a port of it again; nothing else of it is touched.
    case attachPort(ObservedLink, bridge: String, container: String)
    case addAddress(DesiredAddress)
    case deleteAddress(ObservedAddress)
    case addRoute(DesiredRoute)
    /// `NLM_F_REPLACE`: never a moment without the route.
    case replaceRoute(DesiredRoute, before: ObservedRoute)
    case deleteRoute(ObservedRoute)
    case addProxyNeighbour(ProxyNeighbour)
    case deleteProxyNeighbour(ProxyNeighbour)
    case setSysctl(DesiredSysctl, before: String?)
    /// Puts the found value back.
    case restoreSysctl(key: String, value: String)
    /// Private key, listen port and mark; the key itself comes from the key store, never through here.
    case configureDevice(interface: String, publicKey: PublicKey, listenPort: UInt16, fwmark: UInt32)
    /// `endpoint` is the desired one with its name resolved; nil while it does not resolve.
    case addPeer(interface: String, DesiredPeer, endpoint: SocketAddress?)
    case updatePeer(interface: String, PeerUpdate)
    case removePeer(interface: String, ObservedPeer)
    /// Gratuitous ARP or unsolicited NA for an address that now lives elsewhere; nil means the bridge's own MAC.
    case announce(interface: String, address: IPAddress, macAddress: MACAddress?)
}

/// What differs in a peer that stands, and nothing else.
public struct PeerUpdate: Hashable, Sendable, Codable {
    /// The key itself is made by the backend, and never comes through here.
    public enum PresharedKey: Hashable, Sendable, Codable {
        case set(KeyFingerprint)
        case clear
    }

    public var node: String
    public var publicKey: PublicKey
    /// nil leaves it.
    public var endpoint: SocketAddress?
    /// nil leaves it.
    public var persistentKeepalive: UInt16?
    /// nil leaves it.
    public var presharedKey: PresharedKey?
    /// Added, or moved here from another peer of the device, sorted.
    public var addAllowedIPs: [CIDR]
    /// Taken away, because no peer of the device has them any more, sorted.
    public var removeAllowedIPs: [CIDR]

    public init(
        node: String, publicKey: PublicKey, endpoint: SocketAddress? = nil, persistentKeepalive: UInt16? = nil,
        presharedKey: PresharedKey? = nil, addAllowedIPs: [CIDR] = [], removeAllowedIPs: [CIDR] = []
    ) {
        self.node = node
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.presharedKey = presharedKey
        self.addAllowedIPs = addAllowedIPs
        self.removeAllowedIPs = removeAllowedIPs
    }

    public var isEmpty: Bool {
        endpoint == nil && persistentKeepalive == nil && presharedKey == nil && addAllowedIPs.isEmpty
            && removeAllowedIPs.isEmpty
    }
}

public enum PodmanChange: Hashable, Sendable, Codable {
    case createNetwork(DesiredNetwork)
    /// Attached containers of ours are removed first by changes of their own.
    case removeNetwork(name: String)
    /// Starts a pull in the background; the create comes in a later round, when the image is there.
    case pullImage(DesiredContainer)
    case createContainer(DesiredContainer)
    case startContainer(DesiredContainer, id: String)
    /// Gives an existing container back what it has lost; it keeps its files.
    case restoreContainer(DesiredContainer, id: String, faults: [ContainerFault])
    case stopContainer(name: String, id: String, timeout: Int)
    /// Stops it first when it runs.
    case removeContainer(name: String, id: String, timeout: Int)
}

/// What somebody took from a container of ours.
public enum ContainerFault: Hashable, Sendable, Codable {
    /// It has this name instead of its own.
    case renamed(String)
    /// It runs without these addresses, sorted.
    case withoutAddresses([IPAddress])

    /// Words that follow the container: `without 10.0.0.10`.
    public var text: String {
        switch self {
        case .renamed(let name): "was renamed to \(name)"
        case .withoutAddresses(let addresses):
            "runs without \(addresses.map(\.description).joined(separator: ", "))"
        }
    }
}

/// A change that is wanted but must wait for another backend's state, and why.
public struct HeldChange: Hashable, Sendable, Codable {
    public var change: Change
    public var reason: String

    public init(_ change: Change, reason: String) {
        self.change = change
        self.reason = reason
    }
}

/// The outcome of comparing: ordered changes, those that must wait, and what stands in the way.
public struct ChangeSet: Hashable, Sendable, Codable {
    public var changes: [Change] = []
    public var held: [HeldChange] = []
    public var conflicts: [Conflict] = []
    /// Objects that are taken away for one another's sake: all of them at once, or none while one has to wait.
    public var together: [Set<ObjectKey>] = []

    public init() {}
}

/// Something foreign stands where ours should: never touched, told as a condition.
public struct Conflict: Hashable, Sendable, Codable {
    /// What is wanted: `link/wg0`, `container/pod-a`, `route/10.0.0.20/32`.
    public var object: String
    /// The overlay or container whose condition shows it.
    public var owner: String
    public var message: String

    public init(object: String, owner: String, message: String) {
        self.object = object
        self.owner = owner
        self.message = message
    }
}
