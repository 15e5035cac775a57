import Glibc
import TestSupport
import Testing
import UnixHTTP

@Suite struct FailureTests {
    @Test func namesAMissingSocketAndItsRemedy() async throws {
        let directory = try SocketDirectory()
        let client = UnixHTTPClient(socketPath: directory.socket)
        let error = await #expect(throws: UnixHTTPError.self) { try await client.send(HTTPRequest(target: "/x")) }
        #expect(error?.reason == .socketMissing)
        #expect(
            error.map { "\($0)" }
                == "\(directory.socket): GET /x: there is no such socket; start the service that makes it, or give its path"
        )
    }

    @Test func refusesAPathThatDoesNotFit() async throws {
        let client = UnixHTTPClient(socketPath: "/tmp/" + String(repeating: "a", count: 120))
        #expect(await reason { _ = try await client.send(HTTPRequest(target: "/")) } == .pathTooLong)
        let server = UnixHTTPServer(socketPath: client.socketPath) { _ in .text("") }
        #expect(await reason { try await server.run() } == .pathTooLong)
    }

    @Test func aSilentServerRunsIntoTheDeadline() async throws {
        try await withServer { _ in
            try? await Task.sleep(for: .seconds(600))
            return .text("late")
        } _: { client in
            let request = HTTPRequest(target: "/")
            let began = ContinuousClock.now
            #expect(
                await reason { _ = try await client.send(request, timeout: .milliseconds(200)) }
                    == .timedOut(seconds: 0.2))
            #expect(
                await reason { _ = try await client.stream(request, timeout: .milliseconds(200)) }
                    == .timedOut(seconds: 0.2))
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }

    @Test func theDeadlineOfAStreamEndsWithItsHead() async throws {
        try await withServer { _ in
            .stream(.init(status: 200)) { writer in
                try await writer.writeLine("early")
                try await Task.sleep(for: .milliseconds(2500))
                try await writer.writeLine("late")
            }
        } _: { client in
            let request = HTTPRequest(target: "/")
            var lines: [String] = []
            for try await line in try await client.stream(request, timeout: .seconds(2)).lines {
                lines.append(line)
            }
            #expect(lines == ["early", "late"])
            #expect(
                await reason { _ = try await client.send(request, timeout: .seconds(2)) }
                    == .timedOut(seconds: 2))
        }
    }

    @Test func aResponseBeyondTheLimitIsRefused() async throws {
        try await withServer { _ in
            .response(status: 200, body: [UInt8](repeating: 0, count: 5000))
        } _: { client in
            let narrow = UnixHTTPClient(socketPath: client.socketPath, responseLimit: 4999)
            #expect(
                await reason { _ = try await narrow.send(HTTPRequest(target: "/")) } == .bodyTooLarge(limit: 4999))
            let wide = UnixHTTPClient(socketPath: client.socketPath, responseLimit: 5000)
            let response = try await wide.send(HTTPRequest(target: "/"))
            #expect(response.body.count == 5000)
        }
    }

    @Test func theServerBoundsHeadersBodiesAndConnections() async throws {
        var limits = UnixHTTPServer.Limits()
        limits.headerBytes = 1000
        limits.bodyBytes = 1000
        limits.connections = 1
        try await withServer(limits: limits) { request in
            guard request.path == "/hold" else { return .text("fine") }
            return .stream(.init(status: 200)) { _ in try await Task.sleep(for: .seconds(600)) }
        } _: { client in
            let long = String(repeating: "x", count: 2000)
            let headers = try await client.send(HTTPRequest(target: "/", headers: ["x-long": long]))
            #expect(headers.status == 400)
            // A connection counts until the server has seen its end.
            try await waitUntil("413") {
                let post = HTTPRequest(method: .post, target: "/", body: Array(long.utf8))
                return try await client.send(post).status == 413
            }
            try await waitUntil("200") { try await client.send(HTTPRequest(target: "/")).status == 200 }
            try await waitUntil("503 while the only connection is taken, 200 after") {
                let held = try await client.stream(HTTPRequest(target: "/hold"))
                guard held.head.status == 200 else { return false }
                let response = try await client.send(HTTPRequest(target: "/"))
                return withExtendedLifetime(held) { response.status == 503 }
            }
            try await waitUntil("200 again") { try await client.send(HTTPRequest(target: "/")).status == 200 }
        }
    }

    @Test func whatIsNotHTTPIsAProtocolError() async throws {
        let directory = try SocketDirectory()
        let listener = try RawListener(path: directory.socket, answer: "SSH-2.0-OpenSSH\r\n\r\n")
        let client = UnixHTTPClient(socketPath: directory.socket)
        let found = await reason { _ = try await client.send(HTTPRequest(target: "/"), timeout: .seconds(60)) }
        guard case .malformedMessage = found else {
            Issue.record("expected a protocol error, not \(String(describing: found))")
            return
        }
        listener.stop()
        #expect(await reason { _ = try await client.send(HTTPRequest(target: "/")) } == .connectionRefused)
    }
}
