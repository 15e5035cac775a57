internal import Descriptors
internal import Dispatch
internal import Glibc
public import NetAddress

/// Sends echo requests and waits for their replies, many at once over one socket per address family.
///
/// The sockets belong to the network namespace of the thread that makes this. Nothing blocks the caller's thread.
public final class EchoProbe: Sendable {
    private let sockets: [IPAddress.Family: Result<EchoSocket, ProbeError>]

    /// A family that the host does not have is told when it is asked for.
    public init() {
        var sockets: [IPAddress.Family: Result<EchoSocket, ProbeError>] = [:]
        for family in IPAddress.Family.allCases {
            sockets[family] = Result { () throws(ProbeError) in try EchoSocket(family) }
        }
        self.sockets = sockets
    }

    deinit {
        for case .success(let socket) in sockets.values { socket.close() }
    }

    /// Sends one echo request and waits for its reply.
    ///
    /// - Parameters:
    ///   - source: an address of this host; the kernel chooses if nil.
    ///   - timeout: how long a reply may take.
    /// - Returns: the round trip, or nil when no reply came in time or the task was cancelled.
    /// - Throws: `ProbeError` when the request could not be sent.
    public func ping(
        _ destination: IPAddress, from source: IPAddress?, timeout: Duration
    ) async throws(ProbeError) -> Duration? {
        if let source, source.family != destination.family {
            throw .mixedFamilies(source: source, destination: destination)
        }
        guard let socket = try sockets[destination.family]?.get() else { return nil }
        return try await socket.ping(destination, from: source, timeout: timeout).get()
    }
}
