internal import Foundation
internal import GRDB
public import Resources

extension Records {
    /// Every object's conditions, by object (`node/host-a`), each list in the order of `Condition.ConditionType`.
    public func conditions() async throws(RecordsError) -> [String: [Condition]] {
        try await read("read the conditions") { db in
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM condition ORDER BY object, type")
            return Dictionary(grouping: rows) { $0["object"] as String }.mapValues {
                $0.compactMap(Condition.init(row:))
            }
        }
    }

    /// Makes an object's conditions equal to the list and keeps `lastTransitionTime` where the status is what it was.
    ///
    /// - Returns: the conditions as stored, sorted by type, with their times.
    @discardableResult
    public func set(_ conditions: [Condition], for object: String) async throws(RecordsError) -> [Condition] {
        try await write("save the conditions of \(object)") { db in
            var stale: [String: Condition] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM condition WHERE object = ?", arguments: [object]) {
                guard let condition = Condition(row: row) else { continue }
                stale[condition.type.rawValue] = condition
            }
            var stored: [Condition] = []
            for var condition in conditions.sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
                let previous = stale.removeValue(forKey: condition.type.rawValue)
                condition.lastTransitionTime = Date(milliseconds: condition.lastTransitionTime.milliseconds)
                if let previous, previous.status == condition.status {
                    condition.lastTransitionTime = previous.lastTransitionTime
                }
                stored.append(condition)
                if condition != previous { try condition.save(for: object, in: db) }
            }
            for type in stale.keys {
                try db.execute(
                    sql: "DELETE FROM condition WHERE object = ? AND type = ?", arguments: [object, type])
            }
            return stored
        }
    }

    /// Forgets the conditions of an object that is gone; its events stay until they age out.
    public func remove(object: String) async throws(RecordsError) {
        try await write("forget \(object)") { db in
            try db.execute(sql: "DELETE FROM condition WHERE object = ?", arguments: [object])
        }
    }
}

extension Condition {
    /// nil for a row of a type or status that this version does not know.
    fileprivate init?(row: Row) {
        guard let type = ConditionType(rawValue: row["type"]), let status = Status(rawValue: row["status"])
        else { return nil }
        self.init(
            type: type, status: status, reason: row["reason"], message: row["message"],
            lastTransitionTime: Date(milliseconds: row["lastTransitionTime"]),
            observedGeneration: row["observedGeneration"])
    }

    fileprivate func save(for object: String, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO condition
                    (object, type, status, reason, message, lastTransitionTime, observedGeneration)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                object, type.rawValue, status.rawValue, reason, message, lastTransitionTime.milliseconds,
                observedGeneration,
            ])
    }
}
