import Testing
import UnixHTTP

/// A server that is stopped while clients go on connecting: NIO ends the process over a connection that nobody takes.
@Suite struct StopTests {
    @Test func connectionsThatArriveWhileItStopsEndNothingElse() async throws {
        for _ in 0..<40 {
            try await withServer { _ in
                .text("here")
            } _: { client in
                // They go on until the server is gone, which is stopped as soon as one was answered.
                for _ in 0..<8 {
                    Task { while let _ = try? await client.send(HTTPRequest(target: "/"), timeout: .seconds(5)) {} }
                }
                _ = try await client.send(HTTPRequest(target: "/"))
            }
        }
    }
}
