internal import Glibc
internal import NIOCore
internal import NIOHTTP1

/// One connection of a server: its requests one after the other.
struct ServerConnection: Sendable {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    typealias Inbound = NIOAsyncChannelInboundStream<HTTPServerRequestPart>

    let channel: Channel
    let limits: UnixHTTPServer.Limits
    let budget: BodyBudget
    let handler: UnixHTTPServer.Handler

    /// Takes a connection, and reads from now on; nil when it is closed by now.
    ///
    /// Not while it is accepted: NIO ends the process when a wrapped channel is dropped, as a server that stops drops
    /// those that nobody has taken yet (`connectionsThatArriveWhileItStopsEndNothingElse`).
    ///
    /// - Parameter onBytes: Called when bytes of a request come, on the channel's event loop.
    static func wrap(
        _ channel: any NIOCore.Channel, headerBytes: Int, onBytes: @escaping @Sendable () -> Void
    ) async -> Channel? {
        let wrapping = channel.eventLoop.submit {
            let wrapped = try configure(channel, headerBytes: headerBytes, onBytes: onBytes)
            try channel.syncOptions?.setOption(.autoRead, value: true)
            return wrapped
        }
        do {
            return try await wrapping.get()
        } catch {
            channel.close(promise: nil)
            return nil
        }
    }

    private static func configure(
        _ channel: any NIOCore.Channel, headerBytes: Int, onBytes: @escaping () -> Void
    ) throws -> Channel {
        try channel.pipeline.syncOperations.addHandler(FirstByteHandler(onBytes: onBytes))
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderListSize = headerBytes
        decoderLimits.maxHeaderFieldSize = headerBytes
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: true, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoderLimits)
        return try Channel(wrappingChannelSynchronously: channel)
    }

    /// Serves until either side closes; an error of a connection ends that connection alone. What runs for a
    /// request is cancelled when the peer goes away.
    ///
    /// - Parameters:
    ///   - isLast: Close after the first answer.
    ///   - onIdle: Called after each other answer.
    func run(isLast: Bool, onIdle: @escaping @Sendable () -> Void) async {
        let task = Task { try await serve(isLast: isLast, onIdle: onIdle) }
        channel.channel.closeFuture.whenComplete { _ in task.cancel() }
        _ = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
    }

    private func serve(isLast: Bool, onIdle: @Sendable () -> Void) async throws {
        let peer = await peerCredentials()
        try await channel.executeThenClose { inbound, _ in
            var parts = inbound.makeAsyncIterator()
            let reservation = BodyReservation(budget)
            while var request = try await next(&parts, reservation) {
                request.value.peer = peer
                let reply = await handler(request.value)
                let keepsAlive = request.keepsAlive && !isLast
                try await send(reply, to: request, keepsAlive: keepsAlive)
                guard keepsAlive else { break }
                reservation.release()
                onIdle()
            }
        }
    }

    private struct Received {
        var value: HTTPRequest
        var keepsAlive: Bool
    }

    /// The next whole request; nil at the end of the connection, or after a refusal that ends it.
    private func next(
        _ parts: inout Inbound.AsyncIterator, _ reservation: BodyReservation
    ) async throws -> Received? {
        let channel = channel.channel
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limits.requestTimeout)) {
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        var request: Received?
        while let part = try await parts.next() {
            switch part {
            case .head(let head):
                guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else {
                    try await refuse(status: 405, "method \(head.method.rawValue) is not supported\n")
                    return nil
                }
                // Before any of it has come.
                if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limits.bodyBytes
                {
                    try await refuseBody()
                    return nil
                }
                var headers: HeaderFields = [:]
                for (name, value) in head.headers { headers.append(name: name, value: value) }
                request = Received(
                    value: HTTPRequest(method: method, target: head.uri, headers: headers), keepsAlive: head.isKeepAlive
                )
            case .body(let buffer):
                guard let length = request?.value.body.count, length + buffer.readableBytes <= limits.bodyBytes else {
                    try await refuseBody()
                    return nil
                }
                guard reservation.grow(by: buffer.readableBytes) else {
                    try await refuse(status: 503, "too many long requests at a time; try again in a moment\n")
                    return nil
                }
                request?.value.body += buffer.readableBytesView
            case .end: return request
            }
        }
        return nil
    }

    private func send(
        _ reply: HTTPReply, to request: Received, keepsAlive: Bool
    ) async throws {
        let isHead = request.value.method == .head
        switch reply {
        case .response(let response):
            var head = responseHead(response.head, keepsAlive: keepsAlive)
            // Without it the encoder would fall back to chunks; 204 and 304 have no body (RFC 9110, section 6.4.1).
            if response.status != 204, response.status != 304 {
                head.headers.replaceOrAdd(name: "content-length", value: String(response.body.count))
            }
            try await write(.head(head))
            if !isHead, !response.body.isEmpty {
                try await write(.body(.byteBuffer(ByteBuffer(bytes: response.body))))
            }
            try await write(.end(nil))
        case .stream(let streamHead, let body):
            var head = responseHead(streamHead, keepsAlive: keepsAlive)
            head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
            try await write(.head(head))
            if !isHead {
                let writer = HTTPBodyWriter { try await write(.body(.byteBuffer(ByteBuffer(bytes: $0)))) }
                try await body(writer)
            }
            try await write(.end(nil))
        }
    }

    private func refuseBody() async throws {
        try await refuse(status: 413, "the body is longer than \(limits.bodyBytes) bytes\n")
    }

    private func refuse(status: Int, _ text: String) async throws {
        let request = Received(value: HTTPRequest(target: "/"), keepsAlive: false)
        try await send(.text(status: status, text), to: request, keepsAlive: false)
    }

    private func responseHead(_ head: HTTPResponseHead, keepsAlive: Bool) -> NIOHTTP1.HTTPResponseHead {
        var headers = HTTPHeaders(head.headers.fields.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "connection", value: keepsAlive ? "keep-alive" : "close")
        return .init(version: .http1_1, status: .init(statusCode: head.status), headers: headers)
    }

    /// Returns when the bytes are in the socket: closing a channel drops what it still holds
    /// (`aSlowReaderHoldsTheWriterBack`).
    private func write(_ part: HTTPServerResponsePart) async throws {
        try await channel.channel.writeAndFlush(part).get()
    }

    private func peerCredentials() async -> PeerCredentials? {
        guard let options = channel.channel as? any SocketOptionProvider else { return nil }
        let credentials: Credentials? = try? await options.unsafeGetSocketOption(
            level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED)
        ).get()
        return credentials.map { PeerCredentials(processID: $0.pid, userID: $0.uid, groupID: $0.gid) }
    }

    /// `struct ucred` of unix(7), which Glibc's module hides behind `_GNU_SOURCE`.
    private struct Credentials: Sendable {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }
}
