internal import Convergence
internal import HostState
internal import Records
internal import Synchronization

/// What a daemon passes on when it restarts within its process to serve another Node: an unwritable disk must not
/// prevent that.
struct Continuation: Hashable, Sendable {
    var served: ServedRecord
    var identities: Identities
    /// The lanes that still delete nothing in their next round.
    var sparing: Set<LaneName> = []
}

/// Asks the daemon, once, to stop: for good, or to restart within the process.
final class StopRequest: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let next = Mutex<(successor: Continuation?, isFinal: Bool)>((nil, false))

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// What to restart with; nil when it stops for good.
    var successor: Continuation? { next.withLock { $0.successor } }

    /// Stops for good, whatever else was requested: a restart must not undo `wgctl down`.
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
