internal import Convergence
internal import HostState
internal import Records
internal import Synchronization

/// What a daemon hands on when it begins anew within its process, to serve another Node: a disk that cannot be written
/// must not keep it from that.
struct Continuation: Hashable, Sendable {
    var served: ServedRecord
    var identities: Identities
    /// The lanes that still remove nothing at their next look.
    var sparing: Set<LaneName> = []
}

/// Asks the daemon to stop from within, once: for good, or to begin anew.
final class StopRequest: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let next = Mutex<(successor: Continuation?, isFinal: Bool)>((nil, false))

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// What to begin anew with; nil when it stops for good.
    var successor: Continuation? { next.withLock { $0.successor } }

    /// Stops for good, whatever else was asked for: `wgctl down` is not undone by a daemon that begins anew.
    func request() {
        next.withLock { $0 = (nil, true) }
        continuation.finish()
    }

    func begin(anewWith successor: Continuation) {
        next.withLock { next in
            if !next.isFinal { next.successor = successor }
        }
        continuation.finish()
    }

    func wait() async { for await _ in stream {} }
}
