internal import Convergence
internal import Records
internal import Resources
internal import Synchronization

/// Events that are not on disk yet.
final class EventBacklog: Sendable {
    /// More are not kept in memory: the oldest are lost.
    static let limit = 1000

    private let events = Mutex<[Event]>([])

    /// - Returns: how many events are lost.
    func add(_ new: [Event]) -> Int {
        events.withLock { events in
            events += new
            let surplus = max(events.count - EventBacklog.limit, 0)
            events.removeFirst(surplus)
            return surplus
        }
    }

    func write(to records: Records) async throws {
        let batch = events.withLock { events in
            defer { events = [] }
            return events
        }
        do {
            try await records.record(batch)
        } catch {
            events.withLock { $0 = batch + $0 }
            throw error
        }
    }
}

/// Conditions that are not on disk yet.
final class ConditionBacklog: Sendable {
    /// nil for an object that is gone.
    private let pending = Mutex<[ResourceReference: [Condition]?]>([:])

    func set(_ conditions: [ResourceReference: [Condition]]) {
        pending.withLock { pending in
            for (object, list) in conditions { pending.updateValue(list, forKey: object) }
        }
    }

    func remove(_ object: ResourceReference) { pending.withLock { _ = $0.updateValue(nil, forKey: object) } }

    func write(to records: Records) async throws {
        let batch = pending.withLock { pending in
            defer { pending = [:] }
            return pending
        }
        do {
            try await records.set(batch.compactMapValues { $0 })
            for (object, list) in batch where list == nil { try await records.remove(object: object) }
        } catch {
            pending.withLock { pending in pending.merge(batch) { newer, _ in newer } }
            throw error
        }
    }
}
