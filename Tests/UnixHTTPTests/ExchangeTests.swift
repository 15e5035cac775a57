import Glibc
import Synchronization
import TestSupport
import Testing
import UnixHTTP

@Suite struct ExchangeTests {
    @Test func carriesMethodTargetHeadersAndBodyBothWays() async throws {
        try await withServer { request in
            var headers: HeaderFields = [:]
            headers["x-method"] = request.method.rawValue
            headers["x-target"] = request.target
            headers["x-query"] = request.query["filter"]
            headers["x-given"] = request.headers["X-GIVEN"]
            headers["x-uid"] = request.peer.map { String($0.userID) }
            headers["x-pid"] = request.peer.map { String($0.processID) }
            return .response(status: 201, headers: headers, body: request.body.reversed())
        } _: { client in
            let target = "/v1/things/a%2Fb?filter=" + PercentEncoding.encode("a b&c=\"d\"")
            let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
            let response = try await client.send(
                HTTPRequest(method: .put, target: target, headers: ["x-given": "1"], body: body))
            #expect(response.status == 201)
            #expect(response.isSuccess)
            #expect(response.headers["X-Method"] == "PUT")
            #expect(response.headers["x-target"] == target)
            #expect(response.headers["x-query"] == "a b&c=\"d\"")
            #expect(response.headers["x-given"] == "1")
            #expect(response.headers["x-uid"] == String(getuid()))
            #expect(response.headers["x-pid"] == String(getpid()))
            #expect(response.body == body.reversed())
        }
    }

    @Test func answersManyAtOnce() async throws {
        try await withServer {
            .text("answer to \($0.path)")
        } _: { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await client.send(HTTPRequest(target: "/\(number)")).text == "answer to /\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func streamsLinesAsTheyAreWritten() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withServer { _ in
            .stream(.init(status: 200)) { writer in
                try await writer.write(Array("first\nsec".utf8))
                for await _ in gate { break }
                try await writer.write(Array("ond\r\nlast".utf8))
            }
        } _: { client in
            let response = try await client.stream(HTTPRequest(target: "/events"))
            var lines = response.lines.makeAsyncIterator()
            // The second line is written only after the first one was read.
            #expect(try await lines.next() == "first")
            open.yield()
            #expect(try await lines.next() == "second")
            #expect(try await lines.next() == "last")
            #expect(try await lines.next() == nil)
        }
    }

    @Test func aSlowReaderHoldsTheWriterBack() async throws {
        let written = Mutex(0)
        try await withServer { _ in
            .stream(.init(status: 200)) { writer in
                for _ in 0..<1024 {
                    try await writer.write([UInt8](repeating: 7, count: 64 << 10))
                    written.withLock { $0 += 64 << 10 }
                }
            }
        } _: { client in
            let response = try await client.stream(HTTPRequest(target: "/"))
            var before = -1
            // Nobody reads: writing must come to rest far below the whole 64 MiB.
            try await waitUntil("writing comes to rest") {
                let now = written.withLock { $0 }
                defer { before = now }
                try await Task.sleep(for: .milliseconds(200))
                return now > 0 && now == before
            }
            #expect(written.withLock { $0 } < 8 << 20)
            var count = 0
            for try await chunk in response { count += chunk.count }
            #expect(count == 64 << 20)
        }
    }

    @Test func theHandlerIsCancelledWhenThePeerGoesAway() async throws {
        let isCancelled = Mutex(false)
        try await withServer { _ in
            .stream(.init(status: 200)) { writer in
                try await writer.writeLine("here")
                do { try await Task.sleep(for: .seconds(600)) } catch {
                    isCancelled.withLock { $0 = true }
                    throw error
                }
            }
        } _: { client in
            do {
                let response = try await client.stream(HTTPRequest(target: "/"))
                for try await line in response.lines {
                    #expect(line == "here")
                    break
                }
            }
            try await waitUntil("the handler is cancelled") { isCancelled.withLock { $0 } }
        }
    }

    @Test func aBodyCutOffByAnErrorIsNotTakenForWhole() async throws {
        struct Broken: Error {}
        try await withServer { _ in
            .stream(.init(status: 200)) { writer in
                try await writer.write([1, 2, 3])
                throw Broken()
            }
        } _: { client in
            #expect(await reason { _ = try await client.send(HTTPRequest(target: "/")) } == .closedByPeer)
        }
    }

    @Test func headHasNoBody() async throws {
        try await withServer { _ in
            .text("not sent")
        } _: { client in
            let response = try await client.send(HTTPRequest(method: .head, target: "/"))
            #expect(response.body.isEmpty)
            #expect(response.headers["content-length"] == "8")
        }
    }

    @Test func cancellingTheCallerEndsTheRequest() async throws {
        try await withServer { _ in
            try? await Task.sleep(for: .seconds(600))
            return .text("late")
        } _: { client in
            let task = Task { try await client.send(HTTPRequest(target: "/"), timeout: .seconds(500)) }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
