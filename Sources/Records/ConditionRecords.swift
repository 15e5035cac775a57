public import Convergence
internal import Foundation
internal import GRDB
public import Resources

extension Records {
    /// Every object's conditions, by object (`node/host-a`), each list in the order of `Condition.ConditionType`.
    public func conditions() async throws(RecordsError) -> [ResourceReference: [Condition]] {
        try await read("read the conditions") { db in
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM condition ORDER BY object, type")
            var conditions: [ResourceReference: [Condition]] = [:]
            for row in rows {
                guard let object = ResourceReference(row["object"]), let condition = Condition(row: row) else {
                    continue
                }
                conditions[object, default: []].append(condition)
            }
            return conditions
        }
    }

    /// Makes the conditions of each object equal to its list, in one transaction, and keeps `lastTransitionTime` where
    /// the status is what it was.
    ///
    /// - Returns: the conditions as stored, by object, sorted by type, with their times.
    @discardableResult
    public func set(
        _ conditions: [ResourceReference: [Condition]]
    ) async throws(RecordsError) -> [ResourceReference: [Condition]] {
        guard !conditions.isEmpty else { return [:] }
        return try await write("save the conditions of \(Self.text(conditions.keys))") { db in
            var stored: [ResourceReference: [Condition]] = [:]
            for (object, wanted) in conditions.sorted(by: { $0.key < $1.key }) {
                stored[object] = try Self.set(wanted, for: "\(object)", in: db)
            }
            return stored
        }
    }

    private static func text(_ objects: some Collection<ResourceReference>) -> String {
        objects.count == 1 ? objects.first?.description ?? "" : "\(objects.count) objects"
    }

    private static func set(_ wanted: [Condition], for object: String, in db: Database) throws -> [Condition] {
        var stale: [String: Condition] = [:]
        let select = try db.cachedStatement(sql: "SELECT * FROM condition WHERE object = ?")
        for row in try Row.fetchAll(select, arguments: [object]) {
            guard let condition = Condition(row: row) else { continue }
            stale[condition.type.rawValue] = condition
        }
        var stored: [Condition] = []
        for var condition in wanted.sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
            let previous = stale.removeValue(forKey: condition.type.rawValue)
            condition.lastTransitionTime = Date(milliseconds: condition.lastTransitionTime.milliseconds)
            if let previous, previous.status == condition.status {
                condition.lastTransitionTime = previous.lastTransitionTime
            }
            stored.append(condition)
            if condition != previous { try condition.save(for: object, in: db) }
        }
        for type in stale.keys {
            try db.execute(sql: "DELETE FROM condition WHERE object = ? AND type = ?", arguments: [object, type])
        }
        return stored
    }

    /// Forgets the conditions of an object that is gone; its events stay until they age out.
    public func remove(object: ResourceReference) async throws(RecordsError) {
        try await write("forget \(object)") { db in
            try db.execute(sql: "DELETE FROM condition WHERE object = ?", arguments: ["\(object)"])
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
        let insert = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO condition
                    (object, type, status, reason, message, lastTransitionTime, observedGeneration)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(
            arguments: [
                object, type.rawValue, status.rawValue, reason, message, lastTransitionTime.milliseconds,
                observedGeneration,
            ])
    }
}
