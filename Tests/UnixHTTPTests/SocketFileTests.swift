import Glibc
import Testing
import UnixHTTP

@Suite struct SocketFileTests {
    @Test func theFileHasItsModeAndGroup() async throws {
        let directory = try SocketDirectory()
        let server = UnixHTTPServer(socketPath: directory.socket, mode: 0o660, group: 12_345) { _ in .text("") }
        try await running(server) {
            var status = stat()
            #expect(lstat(directory.socket, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            #expect(status.st_gid == 12_345)
        }
    }

    @Test func aStaleSocketIsReplaced() async throws {
        let directory = try SocketDirectory()
        let listener = try RawListener(path: directory.socket, answer: "")
        let client = UnixHTTPClient(socketPath: directory.socket)
        _ = await reason { _ = try await client.send(HTTPRequest(target: "/")) }
        listener.stop()
        try await running(UnixHTTPServer(socketPath: directory.socket) { _ in .text("new") }) {
            let response = try await client.send(HTTPRequest(target: "/"))
            #expect(response.text == "new")
        }
    }

    @Test func aSocketThatAnswersStays() async throws {
        try await withServer { _ in
            .text("first")
        } _: { client in
            let second = UnixHTTPServer(socketPath: client.socketPath) { _ in .text("second") }
            #expect(await reason { try await second.run() } == .alreadyListening)
            let response = try await client.send(HTTPRequest(target: "/"))
            #expect(response.text == "first")
        }
    }

    @Test func anotherFileStays() async throws {
        let directory = try SocketDirectory()
        let descriptor = open(directory.socket, O_CREAT | O_WRONLY, 0o600)
        close(descriptor)
        let server = UnixHTTPServer(socketPath: directory.socket) { _ in .text("") }
        #expect(await reason { try await server.run() } == .notASocket)
        #expect(access(directory.socket, F_OK) == 0)
    }

    private func running(_ server: UnixHTTPServer, _ body: () async throws -> Void) async throws {
        let (listening, signal) = AsyncStream<Void>.makeStream()
        let task = Task {
            defer { signal.finish() }
            try await server.run { signal.yield() }
        }
        defer { task.cancel() }
        for await _ in listening { break }
        try await body()
        task.cancel()
        try await task.value
    }
}
