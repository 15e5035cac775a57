internal import CLinux
internal import Descriptors
public import HostState
public import NetAddress
internal import Netlink
public import NetworkState

/// Links, addresses, routes, proxy neighbours and sysctls of one network namespace.
///
/// It works in the network namespace of the thread that calls `init`, on its own thread, which stays there.
public actor RouteNetlinkClient {
    private let executor: ThreadExecutor
    let socket: NetlinkSocket
    let sysctls: Sysctls
    private let monitor: DriftMonitor
    var sysctlWrites = 0

    /// Runs on the backend's own thread: netlink calls block, and `/proc/sys/net` follows the thread that opens it.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `RouteNetlinkError` when the sockets or the thread cannot be created.
    public init() throws {
        do {
            executor = try ThreadExecutor()
            let socket = try NetlinkSocket(.route)
            self.socket = socket
            sysctls = try Sysctls()
            // The monitor listens before the first observation, so that no change is missed.
            monitor = try DriftMonitor(ignoringPortID: socket.portID) { try LinkTable(socket) }
        } catch {
            throw RouteNetlinkError(error, "open rtnetlink")
        }
    }

    /// What the kernel has: everything of `ObservedKernel` but `devices`.
    ///
    /// - Parameters:
    ///   - keys: the sysctls to read; a key that does not exist is absent from the result.
    ///   - destinations: foreign routes to these are included, next to our own.
    ///   - ports: the MAC addresses of containers' ends of veths, to find veths that have lost their bridge.
    /// - Throws: `RouteNetlinkError`.
    public func observe(
        sysctls keys: [String], destinations: Set<CIDR> = [], ports: Set<MACAddress> = []
    ) throws -> ObservedKernel {
        do {
            var observed = ObservedKernel()
            let links = try LinkTable(socket)
            observed.links = try links.byName(findingPorts: ports, socket)
            observed.addresses = try socket.addresses(of: links)
            observed.routes = try socket.routes(of: links, destinations: destinations)
            observed.shadows = try socket.shadows(of: observed.routes, links)
            observed.proxyNeighbours = try socket.proxyNeighbours(of: links)
            for key in keys { observed.sysctls[key] = try sysctls.value(of: key) }
            return observed
        } catch {
            throw RouteNetlinkError(error, "observe the kernel")
        }
    }

    /// Hints that somebody else changed links, addresses, routes or forwarding settings.
    ///
    /// One hint waits for the consumer, and later ones join it. Changes made through this backend give no hint. Each
    /// call is a stream of its own, which begins now.
    public nonisolated func drift() -> AsyncStream<DriftHint> { monitor.stream() }

    /// Sets the destinations of our routes, so that hints can say which foreign routes concern us (`isOfConcern`).
    ///
    /// Call it before the observation that is compared with them: that observation sees what changes in between.
    public nonisolated func watch(_ destinations: Set<CIDR>) { monitor.watched.set(destinations) }

    /// Who changed one of our objects within the last minute; nil when the kernel does not report it.
    ///
    /// The kernel reports it for routes and IPv4 addresses; for links and IPv6 addresses only newer kernels do, for
    /// sysctls none.
    public nonisolated func rival(of object: KernelObject) -> Rival? { monitor.rivals.rival(of: object) }

    /// Changes requested of the kernel so far: netlink messages and sysctls written.
    public var writes: Int { socket.writes + sysctlWrites }
}
