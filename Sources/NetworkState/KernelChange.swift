public import HostState
public import NetAddress

/// One step of the network lane: rtnetlink, `/proc/sys` and WireGuard.
///
/// Boxed: a cold start passes tens of thousands on from step to step.
public indirect enum KernelChange: Hashable, Sendable {
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
