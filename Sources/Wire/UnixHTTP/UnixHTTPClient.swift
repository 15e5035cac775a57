internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Speaks HTTP/1.1 over a Unix socket: one connection for each request.
///
/// Cancelling the task, or dropping a stream, closes the connection.
public struct UnixHTTPClient: Sendable {
    public let socketPath: String
    /// Bytes that `send` accepts as a response's body.
    public let responseLimit: Int

    public init(socketPath: String, responseLimit: Int = 64 << 20) {
        self.socketPath = socketPath
        self.responseLimit = responseLimit
    }

    /// Sends a request and collects the whole response, whatever its status.
    ///
    /// - Parameter timeout: From the call to the last byte of the body.
    /// - Throws: `UnixHTTPError`, or `CancellationError` when the task was cancelled.
    public func send(_ request: HTTPRequest, timeout: Duration = .seconds(10)) async throws -> HTTPResponse {
        let response = try await open(request, deadline: .init(duration: timeout, coversBody: true))
        var body: [UInt8] = []
        for try await chunk in response {
            guard body.count + chunk.count <= responseLimit else {
                throw failure(of: request, .bodyTooLarge(limit: responseLimit))
            }
            body += chunk
        }
        return HTTPResponse(status: response.head.status, headers: response.head.headers, body: body)
    }

    /// Sends a request and returns once the head of the response is here; the body follows as it comes.
    ///
    /// - Parameter timeout: From the call to the head. The body has no deadline.
    /// - Throws: As `send`.
    public func stream(_ request: HTTPRequest, timeout: Duration = .seconds(10)) async throws -> HTTPResponseStream {
        try await open(request, deadline: .init(duration: timeout, coversBody: false))
    }

    private func open(_ request: HTTPRequest, deadline: ClientExchange.Deadline) async throws -> HTTPResponseStream {
        try Task.checkCancellation()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let head = eventLoop.makePromise(of: HTTPResponseHead.self)
        let (body, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let failure = { @Sendable (reason: UnixHTTPError.Reason) in self.failure(of: request, reason) }
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(TimeAmount(deadline.duration))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            ClientExchange(failure: failure, head: head, body: continuation, deadline: deadline))
                    }
                }
                .connect(unixDomainSocketPath: socketPath).get()
        } catch {
            let typed = failure(.init(error, deadline: deadline.duration))
            head.fail(typed)
            throw typed
        }
        continuation.onTermination = { _ in channel.close(promise: nil) }
        write(request, to: channel)
        do {
            let received = try await withTaskCancellationHandler {
                try await head.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            return HTTPResponseStream(head: received, body: body) { count in
                channel.triggerUserOutboundEvent(ClientExchange.Consumed(count: count), promise: nil)
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    private func write(_ request: HTTPRequest, to channel: any Channel) {
        var headers = HTTPHeaders(request.headers.fields.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "host", value: "localhost")
        headers.replaceOrAdd(name: "connection", value: "close")
        let hasBody = !request.body.isEmpty || [.post, .put, .patch].contains(request.method)
        if hasBody { headers.replaceOrAdd(name: "content-length", value: String(request.body.count)) }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.target,
            headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !request.body.isEmpty {
            let buffer = channel.allocator.buffer(bytes: request.body)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(buffer)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private func failure(of request: HTTPRequest, _ reason: UnixHTTPError.Reason) -> UnixHTTPError {
        UnixHTTPError(reason, socketPath: socketPath, operation: "\(request.method.rawValue) \(request.target)")
    }
}
