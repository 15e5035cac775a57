/// A response whose body comes piece by piece. It can be iterated once.
///
/// Dropping it, leaving the loop, or cancelling the task closes the connection.
public struct HTTPResponseStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    public let head: HTTPResponseHead
    private let body: AsyncThrowingStream<[UInt8], any Error>
    private let consumed: @Sendable (Int) -> Void

    init(
        head: HTTPResponseHead, body: AsyncThrowingStream<[UInt8], any Error>,
        consumed: @escaping @Sendable (Int) -> Void
    ) {
        self.head = head
        self.body = body
        self.consumed = consumed
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator
        let consumed: @Sendable (Int) -> Void

        /// - Throws: `UnixHTTPError` when the connection broke, `CancellationError` when the task was cancelled.
        public mutating func next() async throws -> [UInt8]? {
            guard let chunk = try await base.next(isolation: #isolation) else {
                // A cancelled AsyncThrowingStream ends as if it were complete.
                try Task.checkCancellation()
                return nil
            }
            consumed(chunk.count)
            return chunk
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: body.makeAsyncIterator(), consumed: consumed)
    }

    /// The body's lines without their ends (LF or CRLF); the last one need not be ended.
    public var lines: Lines { lines(limit: Lines.limit) }

    /// The body's lines without their ends.
    ///
    /// - Parameter limit: in bytes; a longer line ends the sequence with `LineTooLong`.
    public func lines(limit: Int) -> Lines { Lines(chunks: self, limit: limit) }

    public struct Lines: AsyncSequence, Sendable {
        public typealias Element = String

        /// The usual limit, in bytes.
        public static let limit = 4 << 20

        let chunks: HTTPResponseStream
        let limit: Int

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(chunks: chunks.makeAsyncIterator(), limit: limit)
        }

        public struct AsyncIterator: AsyncIteratorProtocol {
            var chunks: HTTPResponseStream.AsyncIterator
            let limit: Int
            var buffer: [UInt8] = []
            /// How much of `buffer` has no line end in it.
            var searched = 0

            public mutating func next() async throws -> String? {
                while true {
                    if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                        let line = buffer[..<end]
                        let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
                        buffer.removeSubrange(...end)
                        searched = 0
                        return text
                    }
                    searched = buffer.count
                    guard buffer.count <= limit else { throw LineTooLong(limit: limit) }
                    guard let chunk = try await chunks.next() else {
                        defer { buffer = [] }
                        searched = 0
                        return buffer.isEmpty ? nil : String(decoding: buffer, as: UTF8.self)
                    }
                    buffer += chunk
                }
            }
        }
    }

    public struct LineTooLong: Error, CustomStringConvertible {
        let limit: Int

        public var description: String {
            "a line of a streamed response is longer than \(limit) bytes; see whether this is the right socket"
        }
    }
}
