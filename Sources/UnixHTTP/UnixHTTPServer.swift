internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Serves HTTP/1.1 on a Unix socket until its task is cancelled.
public final class UnixHTTPServer: Sendable {
    public typealias Handler = @Sendable (HTTPRequest) async -> HTTPReply

    public struct Limits: Sendable {
        /// Connections at a time; one more gets 503.
        public var connections = 128
        /// Bytes of all header fields of a request; more gets 400.
        public var headerBytes = 32 << 10
        /// Bytes of a request's body; more gets 413.
        public var bodyBytes = 4 << 20
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
        let server: NIOAsyncChannel<ServerConnection.Channel, Never>
        do {
            server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 128)
                .bind(socket.descriptor) { [limits] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try ServerConnection.configure(channel, headerBytes: limits.headerBytes)
                    }
                }
        } catch {
            let reason = UnixHTTPError.Reason(error, deadline: .zero)
            throw UnixHTTPError(reason, socketPath: socketPath, operation: "listen")
        }
        onListening()
        do {
            try await serve(server)
        } catch  where Task.isCancelled {
            // Cancellation is how a server is stopped.
        }
    }

    private func serve(_ server: NIOAsyncChannel<ServerConnection.Channel, Never>) async throws {
        let open = OpenConnections(limit: limits.connections)
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await channel in connections {
                    let isAdmitted = open.admit()
                    group.addTask { [limits, handler] in
                        let connection = ServerConnection(
                            channel: channel, limits: limits, handler: isAdmitted ? handler : Self.refuse)
                        await connection.run(isLast: !isAdmitted)
                        if isAdmitted { open.leave() }
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
