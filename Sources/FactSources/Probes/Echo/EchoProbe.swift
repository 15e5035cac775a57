public import Descriptors
public import NetAddress

/// Sends echo requests and waits for their replies, many at once over one socket per address family.
///
/// The sockets belong to the network namespace of the thread that makes this. Nothing blocks the caller's thread.
public final class EchoProbe: Sendable {
    private typealias Sockets = [IPAddress.Family: Result<EchoSocket, ProbeError>]

    private let sockets: Sockets

    /// Probes of an address family that the host does not have throw when they are sent.
    public init() { sockets = EchoProbe.open() }

    /// Probes from another network namespace, such as a container's: `/run/netns/NAME`.
    ///
    /// - Throws: `SystemError` when it cannot be entered.
    public init(networkNamespace path: String) throws(SystemError) {
        sockets = try withNetworkNamespace(at: path) { EchoProbe.open() }
    }

    private static func open() -> Sockets {
        Dictionary(
            uniqueKeysWithValues: IPAddress.Family.allCases.map { family in
                (family, Result { () throws(ProbeError) in try EchoSocket(family) })
            })
    }

    deinit {
        for case .success(let socket) in sockets.values { socket.close() }
    }

    /// Sends one echo request and waits for its reply. Nothing may fragment it on its way.
    ///
    /// - Parameters:
    ///   - source: an address of this host; the kernel chooses if nil.
    ///   - size: the length of the IP packet in bytes; as short as can be by default.
    ///   - timeout: how long a reply may take.
    /// - Returns: the round trip, or nil when no reply came in time or the task was cancelled.
    /// - Throws: `ProbeError` when the request could not be sent.
    public func ping(
        _ destination: IPAddress, from source: IPAddress?, size: Int = 0, timeout: Duration
    ) async throws(ProbeError) -> Duration? {
        if let source, source.family != destination.family {
            throw .mixedFamilies(source: source, destination: destination)
        }
        guard let socket = try sockets[destination.family]?.get() else { return nil }
        return try await socket.ping(destination, from: source, size: size, timeout: timeout).get()
    }

    /// The kernel's path MTU to an address now, in bytes: its route's, its interface's, or less when a router on the
    /// way has reported less. Nothing is sent.
    ///
    /// - Throws: `ProbeError` when there is no route.
    public func kernelPathMTU(to destination: IPAddress) async throws(ProbeError) -> Int? {
        try await sockets[destination.family]?.get().kernelPathMTU(to: destination).get()
    }
}
