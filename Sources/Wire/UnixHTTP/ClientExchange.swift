internal import NIOCore
internal import NIOHTTP1

/// Receives one response on the event loop: the head through a promise, the body through a stream.
///
/// Reading stops while more than `highWatermark` bytes wait for the consumer, so a slow one slows the peer down.
final class ClientExchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// The consumer took this many bytes.
    struct Consumed: Sendable { var count: Int }

    struct Deadline: Sendable {
        var duration: Duration
        /// Otherwise it ends with the head.
        var coversBody: Bool
    }

    private static let highWatermark = 256 * 1024

    private let failure: @Sendable (UnixHTTPError.Reason) -> UnixHTTPError
    private let head: EventLoopPromise<HTTPResponseHead>
    private let body: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let deadline: Deadline
    private var timer: Scheduled<Void>?
    private var waiting = 0
    private var isReadHeldBack = false
    private var isComplete = false

    init(
        failure: @escaping @Sendable (UnixHTTPError.Reason) -> UnixHTTPError, head: EventLoopPromise<HTTPResponseHead>,
        body: AsyncThrowingStream<[UInt8], any Error>.Continuation, deadline: Deadline
    ) {
        self.failure = failure
        self.head = head
        self.body = body
        self.deadline = deadline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(deadline.duration)) {
            let (exchange, context) = loopBound.value
            exchange.fail(exchange.failure(.timedOut(seconds: exchange.deadline.duration.seconds)), context: context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let received):
            if !deadline.coversBody { timer?.cancel() }
            var headers: HeaderFields = [:]
            for (name, value) in received.headers { headers.append(name: name, value: value) }
            head.succeed(HTTPResponseHead(status: Int(received.status.code), headers: headers))
        case .body(let buffer):
            waiting += buffer.readableBytes
            body.yield(Array(buffer.readableBytesView))
        case .end:
            complete(throwing: nil)
            context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if waiting > Self.highWatermark { isReadHeldBack = true } else { context.read() }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let consumed = event as? Consumed else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        waiting -= consumed.count
        if isReadHeldBack, waiting <= Self.highWatermark / 2 {
            isReadHeldBack = false
            context.read()
        }
        promise?.succeed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        complete(throwing: failure(.closedByPeer))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(failure(UnixHTTPError.Reason(error, deadline: deadline.duration)), context: context)
    }

    private func fail(_ error: UnixHTTPError, context: ChannelHandlerContext) {
        complete(throwing: error)
        context.close(promise: nil)
    }

    private func complete(throwing error: UnixHTTPError?) {
        guard !isComplete else { return }
        isComplete = true
        timer?.cancel()
        // Without effect when the head came; a promise must not be left open.
        head.fail(error ?? failure(.closedByPeer))
        body.finish(throwing: error)
    }
}
