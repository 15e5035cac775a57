public import HostState
public import NetAddress

/// One step of the network lane: rtnetlink, `/proc/sys` and WireGuard.
///
/// Indirect: a cold start passes tens of thousands of changes along.
public indirect enum KernelChange: Hashable, Sendable {
    case createLink(DesiredLink)
    /// Sets what differs: MTU, MAC, alias, master, up. `before` guards against an index that was reused.
    case updateLink(DesiredLink, before: ObservedLink)
    case deleteLink(ObservedLink)
    /// Restores the name of a link that another program renamed, with everything on it.
    case renameLink(ObservedLink, to: String)
    /// Makes a container's veth, which has lost its bridge, a port of it again; changes nothing else of it.
    case attachPort(ObservedLink, bridge: String, container: String)
    case addAddress(DesiredAddress)
    case deleteAddress(ObservedAddress)
    case addRoute(DesiredRoute)
    /// `NLM_F_REPLACE`: the route is never missing.
    case replaceRoute(DesiredRoute, before: ObservedRoute)
    case deleteRoute(ObservedRoute)
    case addProxyNeighbour(ProxyNeighbour)
    case deleteProxyNeighbour(ProxyNeighbour)
    case setSysctl(DesiredSysctl, before: String?)
    /// Restores the earlier value.
    case restoreSysctl(key: String, value: String)
    /// Private key, listen port and mark; the key itself comes from the key store, never through here. `before` is nil
    /// for a new device.
    case configureDevice(
        interface: String, publicKey: PublicKey, listenPort: UInt16, fwmark: UInt32, before: DeviceSettings? = nil)
    /// `endpoint` is the desired one with its name resolved; nil while it does not resolve.
    case addPeer(interface: String, DesiredPeer, endpoint: SocketAddress?)
    case updatePeer(interface: String, PeerUpdate)
    case removePeer(interface: String, ObservedPeer)
    /// Gratuitous ARP or unsolicited NA for an address that has moved; nil means the bridge's own MAC.
    case announce(interface: String, address: IPAddress, macAddress: MACAddress?)
}

/// What `configureDevice` changes, as it was.
public struct DeviceSettings: Hashable, Sendable {
    /// nil when no private key was set.
    public var publicKey: PublicKey?
    public var listenPort: UInt16
    public var fwmark: UInt32

    public init(_ device: ObservedDevice) {
        publicKey = device.publicKey
        listenPort = device.listenPort
        fwmark = device.fwmark
    }
}
