internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Serves HTTP/1.1 on a Unix socket until its task is cancelled.
public final class UnixHTTPServer: Sendable {
    public typealias Handler = @Sendable (HTTPRequest) async -> HTTPReply

    public struct Limits: Sendable {
        /// Connections at a time; one more takes the place of the one that has been idle longest, or gets 503 when all
        /// are in the middle of a request.
        public var connections = 128
        /// Bytes of all header fields of a request; more gets 400.
        public var headerBytes = 32 << 10
        /// Bytes of a request's body; more gets 413.
        public var bodyBytes = 4 << 20
        /// Bytes of all requests' bodies at a time; a request beyond them gets 503.
        public var totalBodyBytes = 64 << 20
        /// From the connection, or the last answer, to the end of the next request.
        public var requestTimeout: Duration = .seconds(30)

        public init() {}
    }

    public let socketPath: String
    private let mode: UInt32
    private let group: UInt32?
    private let limits: Limits
    private let handler: Handler

    /// - Parameters:
    ///   - mode: Of the socket's file.
    ///   - group: The file's group id; nil leaves the process's own.
    ///   - handler: Answers one request; runs at the same time for different connections.
    public init(
        socketPath: String, mode: UInt32 = 0o600, group: UInt32? = nil, limits: Limits = .init(),
        handler: @escaping Handler
    ) {
        self.socketPath = socketPath
        self.mode = mode
        self.group = group
        self.limits = limits
        self.handler = handler
    }

    /// Listens and serves; removes the socket when the task is cancelled, and returns.
    ///
    /// A socket file that nobody listens on is replaced.
    ///
    /// - Parameter onListening: Called once connections are taken.
    /// - Throws: `UnixHTTPError` when the socket cannot be made.
    public func run(onListening: @Sendable () -> Void = {}) async throws {
        let socket = try ListeningSocket(path: socketPath, mode: mode, group: group)
        defer { socket.removeFile() }
        let arrivals = Arrivals()
        defer { arrivals.closeAll() }
        let server: NIOAsyncChannel<any Channel, Never>
        do {
            server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 128)
                // Nothing is read before somebody takes the connection.
                .childChannelOption(.autoRead, value: false)
                .bind(socket.descriptor) { channel in
                    arrivals.add(channel)
                    return channel.eventLoop.makeSucceededFuture(channel)
                }
        } catch {
            let reason = UnixHTTPError.Reason(error, deadline: .zero)
            throw UnixHTTPError(reason, socketPath: socketPath, operation: "listen")
        }
        onListening()
        do {
            try await serve(server, arrivals)
        } catch  where Task.isCancelled {
            // Cancellation is how a server is stopped.
        }
    }

    private struct Admitted {
        /// Where the connection counts.
        var connections: OpenConnections
        var id: OpenConnections.ID
        var isRefused: Bool
    }

    /// Who is refused is told so after its request, and gives way to others of its kind; nil when even that is too many,
    /// and the connection is closed.
    private static func admit(
        _ channel: any Channel, to open: OpenConnections, orRefuse refused: OpenConnections
    ) -> Admitted? {
        let close = { @Sendable in channel.close(promise: nil) }
        var (connections, id) = (open, open.admit(close: close))
        let isRefused = id == nil
        if isRefused { (connections, id) = (refused, refused.admit(close: close)) }
        guard let id else {
            close()
            return nil
        }
        channel.closeFuture.whenComplete { [connections] _ in connections.leave(id) }
        return Admitted(connections: connections, id: id, isRefused: isRefused)
    }

    private func serve(_ server: NIOAsyncChannel<any Channel, Never>, _ arrivals: Arrivals) async throws {
        let budget = BodyBudget(bytes: limits.totalBodyBytes)
        let open = OpenConnections(limit: limits.connections)
        let refused = OpenConnections(limit: limits.connections)
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await channel in connections {
                    arrivals.take(channel)
                    guard let admitted = Self.admit(channel, to: open, orRefuse: refused) else { continue }
                    group.addTask { [limits, handler] in
                        let wrapped = await ServerConnection.wrap(channel, headerBytes: limits.headerBytes) {
                            admitted.connections.becameBusy(admitted.id)
                        }
                        guard let wrapped else { return }
                        let connection = ServerConnection(
                            channel: wrapped, limits: limits, budget: budget,
                            handler: admitted.isRefused ? Self.refuse : handler)
                        await connection.run(isLast: admitted.isRefused) {
                            admitted.connections.becameIdle(admitted.id)
                        }
                    }
                }
                group.cancelAll()
            }
        }
    }

    private static let refuse: Handler = { _ in
        .text(status: 503, "too many connections; try again in a moment\n")
    }
}
