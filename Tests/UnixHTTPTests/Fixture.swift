import Glibc
import Synchronization
import Testing
import UnixHTTP

/// A directory of its own for sockets, removed at the end.
final class SocketDirectory: Sendable {
    private static let counter = Mutex(0)
    let path: String

    init() throws {
        let number = Self.counter.withLock { count in
            count += 1
            return count
        }
        path = "/tmp/wgctl-http-\(getpid())-\(number)"
        try #require(mkdir(path, 0o700) == 0, "mkdir \(path)")
    }

    var socket: String { path + "/s" }

    deinit {
        unlink(socket)
        rmdir(path)
    }
}

/// Runs `body` against a real server on a Unix socket, then cancels the server and waits for its end.
func withServer(
    limits: UnixHTTPServer.Limits = .init(), handler: @escaping UnixHTTPServer.Handler,
    _ body: (UnixHTTPClient) async throws -> Void
) async throws {
    let directory = try SocketDirectory()
    let server = UnixHTTPServer(socketPath: directory.socket, limits: limits, handler: handler)
    let (listening, signal) = AsyncStream<Void>.makeStream()
    let task = Task {
        defer { signal.finish() }
        try await server.run { signal.yield() }
    }
    for await _ in listening { break }
    do {
        try await body(UnixHTTPClient(socketPath: directory.socket))
    } catch {
        task.cancel()
        throw error
    }
    task.cancel()
    try await task.value
    #expect(access(directory.socket, F_OK) != 0, "the socket is removed")
}

func reason(of body: () async throws -> Void) async -> UnixHTTPError.Reason? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? UnixHTTPError)?.reason
    }
}
