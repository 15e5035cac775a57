import Glibc
import TestSupport
import Testing
import UnixHTTP

/// What one client, or many, can take from a server: connections and memory. Over real sockets, with clients that keep
/// their connections.
@Suite struct ConnectionLimitTests {
    @Test func anIdleConnectionGivesWay() async throws {
        var limits = UnixHTTPServer.Limits()
        limits.connections = 3
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withServer(limits: limits) { request in
            if request.path == "/hold" { for await _ in gate { break } }
            return .text("answer to \(request.path)\n")
        } _: { client in
            // One in the middle of its head, one whose answer is being worked on, one that has its answer.
            let partial = try RawClient(client.socketPath)
            try partial.send("GET /partial HTTP/1.1\r\nhost: ")
            let held = try RawClient(client.socketPath)
            try held.send("GET /hold HTTP/1.1\r\nhost: x\r\n\r\n")
            let answered = try RawClient(client.socketPath)
            try answered.send("GET /first HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(try await answered.receive(until: "answer to /first\n").hasSuffix("answer to /first\n"))
            // It is idle once the server has seen its answer off; until then it is busy like the others.
            try await waitUntil("one more is served") {
                try await client.send(HTTPRequest(target: "/more")).status == 200
            }
            #expect(try await answered.isClosed(), "the idle one made room")
            // As are the two that are in the middle of a request.
            try partial.send("x\r\n\r\n")
            #expect(try await partial.receive(until: "answer to /partial\n").hasSuffix("answer to /partial\n"))
            open.yield()
            #expect(try await held.receive(until: "answer to /hold\n").hasSuffix("answer to /hold\n"))
        }
    }

    @Test func theOneThatIsIdleLongestGoesFirst() async throws {
        var limits = UnixHTTPServer.Limits()
        limits.connections = 3
        try await withServer(limits: limits) {
            .text("answer to \($0.path)\n")
        } _: { client in
            var idle: [RawClient] = []
            for number in 0..<8 {
                let next = try RawClient(client.socketPath)
                try next.send("GET /\(number) HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(try await next.receive(until: "answer to /\(number)\n").hasSuffix("answer to /\(number)\n"))
                idle.append(next)
            }
            // A burst of idle connections locks nobody out, and the last ones are still there.
            for gone in idle.prefix(5) { #expect(try await gone.isClosed()) }
            for (number, kept) in idle.enumerated().suffix(3) {
                try kept.send("GET /again-\(number) HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(
                    try await kept.receive(until: "answer to /again-\(number)\n").hasSuffix(
                        "answer to /again-\(number)\n"))
            }
        }
    }

    @Test func theSumOfAllBodiesIsBounded() async throws {
        var limits = UnixHTTPServer.Limits()
        limits.bodyBytes = 1000
        limits.totalBodyBytes = 1500
        try await withServer(limits: limits) {
            .text("\($0.body.count) bytes\n")
        } _: { client in
            let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
            var first = try RawClient(client.socketPath)
            // Whose bytes the server reads first holds them: nearly always the first.
            try await waitUntil("the second is refused") {
                first = try RawClient(client.socketPath)
                try first.send(head + String(repeating: "a", count: 999))
                let second = try RawClient(client.socketPath)
                try second.send(head + String(repeating: "b", count: 1000))
                return try await second.receive(until: "\n").contains("503")
            }
            try first.send("a")
            #expect(try await first.receive(until: "1000 bytes\n").hasSuffix("1000 bytes\n"))
            // What an answered request, and one whose client went away, had taken is there again.
            for _ in 0..<3 {
                let leaver = try RawClient(client.socketPath)
                try leaver.send(head + String(repeating: "c", count: 999))
                leaver.close()
            }
            try await waitUntil("the memory is free again") {
                let body = [UInt8](repeating: 1, count: 1000)
                return try await client.send(HTTPRequest(method: .post, target: "/", body: body)).text == "1000 bytes\n"
            }
            // One that is too long alone is refused by its head.
            let long = try RawClient(client.socketPath)
            try long.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n")
            #expect(try await long.receive(until: "\n").contains("413"))
        }
    }
}
