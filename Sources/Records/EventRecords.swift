internal import Convergence
public import Foundation
internal import GRDB
public import Resources

/// How many events are kept, and which repetitions are counted in one.
public enum EventRetention {
    /// Rows; the oldest go first.
    public static let rows = 10_000
    /// Seconds: seven days.
    public static let age: TimeInterval = 7 * 24 * 3600
    /// Seconds: a repetition later than this after the last one is a new event.
    public static let window: TimeInterval = 3600
    /// Inserts between two prunings.
    static let pruneInterval: Int64 = 64
}

extension Records {
    /// Stores an event, or counts up the one with the same type, reason, object and message within the last hour.
    ///
    /// - Returns: the event as stored, with its count and both times.
    @discardableResult
    public func record(_ event: Event) async throws(RecordsError) -> Event {
        try await record([event])[0]
    }

    /// Stores events in their order, in one transaction, each as `record(_:)` does.
    ///
    /// - Returns: the events as stored, each at its place.
    @discardableResult
    public func record(_ events: [Event]) async throws(RecordsError) -> [Event] {
        guard !events.isEmpty else { return [] }
        return try await write(events.count == 1 ? "record an event" : "record \(events.count) events") { db in
            try events.map { try Self.record($0, in: db) }
        }
    }

    private static func record(_ event: Event, in db: Database) throws -> Event {
        let at = event.lastTimestamp.milliseconds
        let since = at - Int64(EventRetention.window * 1000)
        let select = try db.cachedStatement(
            sql: """
                SELECT * FROM event
                WHERE regarding = ? AND reason = ? AND type = ? AND message = ? AND lastTimestamp >= ?
                ORDER BY lastTimestamp DESC, id DESC LIMIT 1
                """)
        let found = try Row.fetchOne(
            select, arguments: ["\(event.regarding)", event.reason, event.type.rawValue, event.message, since])
        if let found, var stored = Event(row: found) {
            stored.count += event.count
            stored.lastTimestamp = max(stored.lastTimestamp, Date(milliseconds: at))
            try db.execute(
                sql: "UPDATE event SET count = ?, lastTimestamp = ? WHERE id = ?",
                arguments: [stored.count, stored.lastTimestamp.milliseconds, found["id"] as Int64])
            return stored
        }
        var stored = event
        stored.firstTimestamp = Date(milliseconds: event.firstTimestamp.milliseconds)
        stored.lastTimestamp = Date(milliseconds: at)
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO event (type, reason, regarding, message, count, firstTimestamp, lastTimestamp)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(
            arguments: [
                event.type.rawValue, event.reason, "\(event.regarding)", event.message, event.count,
                event.firstTimestamp.milliseconds, at,
            ])
        if db.lastInsertedRowID % EventRetention.pruneInterval == 0 { try pruneEvents(in: db, at: at) }
        return stored
    }

    /// Events of one object (`node/host-a`), or of all, the oldest first.
    ///
    /// - Parameters:
    ///   - since: only those that happened then or later.
    ///   - limit: how many of the newest to return.
    public func events(
        for object: String? = nil, since: Date? = nil, limit: Int = 1000
    ) async throws(RecordsError) -> [Event] {
        try await read("read the events") { db in
            // Two statements: `(?1 IS NULL OR regarding = ?1)` would use no index.
            let ofObject = object == nil ? "" : "regarding = :object AND"
            var arguments: StatementArguments = ["since": since?.milliseconds ?? 0, "limit": limit]
            if let object { arguments += ["object": object] }
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM event WHERE \(ofObject) lastTimestamp >= :since
                    ORDER BY lastTimestamp DESC, id DESC LIMIT :limit
                    """,
                arguments: arguments)
            return rows.reversed().compactMap(Event.init(row:))
        }
    }

    private static func pruneEvents(in db: Database, at now: Int64) throws {
        try db.execute(
            sql: """
                DELETE FROM event WHERE lastTimestamp < ? OR id IN
                    (SELECT id FROM event ORDER BY lastTimestamp DESC, id DESC LIMIT -1 OFFSET ?)
                """,
            arguments: [now - Int64(EventRetention.age * 1000), EventRetention.rows])
    }
}

extension Event {
    fileprivate init?(row: Row) {
        guard let type = EventType(rawValue: row["type"]), let regarding = ResourceReference(row["regarding"])
        else { return nil }
        self.init(
            type: type, reason: row["reason"], message: row["message"], regarding: regarding,
            count: row["count"], firstTimestamp: Date(milliseconds: row["firstTimestamp"]),
            lastTimestamp: Date(milliseconds: row["lastTimestamp"]))
    }
}
