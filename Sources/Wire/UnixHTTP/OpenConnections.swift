internal import Synchronization

/// The connections of a server against its limit: who came first, and who is between two requests.
///
/// One more than the limit takes the place of the connection that has been idle longest, so that idle ones never keep
/// others out; one in the middle of a request is never closed for it
/// (`ConnectionLimitTests.anIdleConnectionGivesWay`).
final class OpenConnections: Sendable {
    struct ID: Hashable { fileprivate var number: Int }

    private struct Entry {
        /// When the last answer was complete, or the connection was made; nil while a request comes or is answered.
        var idleSince: ContinuousClock.Instant?
        var close: @Sendable () -> Void
    }

    private struct State {
        var entries: [ID: Entry] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes a new connection in, and closes an idle one when there is no room.
    ///
    /// - Parameter close: Ends the connection, from whatever thread.
    /// - Returns: nil when all are busy.
    func admit(close: @escaping @Sendable () -> Void) -> ID? {
        let (id, evicted) = state.withLock { state -> (ID?, Entry?) in
            var evicted: Entry?
            if state.entries.count >= limit {
                let idle = state.entries.compactMap { id, entry in entry.idleSince.map { (id: id, since: $0) } }
                // Of two that are idle since the same moment the one that came first: the number decides.
                guard let oldest = idle.min(by: { ($0.since, $0.id.number) < ($1.since, $1.id.number) }) else {
                    return (nil, nil)
                }
                evicted = state.entries.removeValue(forKey: oldest.id)
            }
            state.lastNumber += 1
            let id = ID(number: state.lastNumber)
            state.entries[id] = Entry(idleSince: .now, close: close)
            return (id, evicted)
        }
        evicted?.close()
        return id
    }

    /// The first byte of a request is here.
    func becameBusy(_ id: ID) { state.withLock { $0.entries[id]?.idleSince = nil } }

    /// The answer is complete.
    func becameIdle(_ id: ID) { state.withLock { $0.entries[id]?.idleSince = .now } }

    func leave(_ id: ID) { _ = state.withLock { $0.entries.removeValue(forKey: id) } }
}
