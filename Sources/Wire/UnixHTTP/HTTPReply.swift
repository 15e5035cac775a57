/// What a server's handler answers with.
public enum HTTPReply: Sendable {
    /// A whole response.
    case response(HTTPResponse)
    /// A head at once and a body in chunks: the closure writes until it returns. Its task is cancelled when the peer
    /// goes away. An error ends the connection without the last chunk, so the client sees that the body is cut off.
    case stream(HTTPResponseHead, @Sendable (HTTPBodyWriter) async throws -> Void)

    public static func response(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) -> HTTPReply {
        .response(HTTPResponse(status: status, headers: headers, body: body))
    }

    /// Plain text in UTF-8.
    public static func text(status: Int = 200, _ text: String) -> HTTPReply {
        .response(status: status, headers: ["content-type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    public static func json(status: Int = 200, _ body: [UInt8]) -> HTTPReply {
        .response(status: status, headers: ["content-type": "application/json"], body: body)
    }
}

/// Writes the body of a streaming response.
public struct HTTPBodyWriter: Sendable {
    let writeChunk: @Sendable ([UInt8]) async throws -> Void

    /// Sends a chunk; waits while the peer reads slower than is written.
    ///
    /// - Throws: `CancellationError` or an error of the connection when the peer is gone.
    public func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await writeChunk(bytes)
    }

    /// Sends a text and a line feed.
    public func writeLine(_ line: String) async throws { try await write(Array(line.utf8) + [UInt8(ascii: "\n")]) }
}
