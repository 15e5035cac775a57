public import Foundation
internal import GRDB
public import HostState
public import Resources

extension Records {
    /// The last good version of every resource, sorted by key.
    public func lastGood() async throws(RecordsError) -> [LastGood] {
        try await read("read the last good documents") { db in
            try Row.fetchAll(db, sql: "SELECT * FROM lastGood").compactMap(LastGood.init(row:)).sorted {
                $0.key < $1.key
            }
        }
    }

    /// Makes the table equal to the list: rows that differ are written, rows of other keys deleted.
    ///
    /// - Parameter identities: written in the same transaction, because they have the former names of renamed
    ///   resources; nil leaves them.
    /// - Parameter served: as `identities`.
    public func save(
        lastGood wanted: [LastGood], identities: Identities? = nil, served: ServedRecord? = nil, at now: Date = Date()
    ) async throws(RecordsError) {
        try await write("save the last good documents") { db in
            if let identities { try Self.save(identities, in: db) }
            if let served { try Self.save(served, in: db) }
            var stale: [ResourceKey: LastGood] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM lastGood") {
                guard let item = LastGood(row: row) else { continue }
                stale[item.key] = item
            }
            for item in wanted {
                if stale.removeValue(forKey: item.key) == item { continue }
                try db.execute(
                    sql: """
                        INSERT INTO lastGood (kind, name, file, line, col, generation, json, createdAt)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (kind, name) DO UPDATE SET file = excluded.file, line = excluded.line,
                            col = excluded.col, generation = excluded.generation, json = excluded.json
                        """,
                    arguments: [
                        item.key.kind.rawValue, item.key.name, item.location.file, item.location.line,
                        item.location.column, item.generation, item.json, now.milliseconds,
                    ])
            }
            for key in stale.keys {
                try db.execute(
                    sql: "DELETE FROM lastGood WHERE kind = ? AND name = ?", arguments: [key.kind.rawValue, key.name])
            }
        }
    }

    /// When each resource was first accepted on this host: its `metadata.creationTimestamp`.
    public func creationTimestamps() async throws(RecordsError) -> [ResourceKey: Date] {
        try await read("read the creation timestamps") { db in
            var dates: [ResourceKey: Date] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT kind, name, createdAt FROM lastGood") {
                guard let kind = Kind(rawValue: row["kind"]) else { continue }
                dates[ResourceKey(kind, row["name"])] = Date(milliseconds: row["createdAt"])
            }
            return dates
        }
    }
}

extension LastGood {
    fileprivate init?(row: Row) {
        guard let kind = Kind(rawValue: row["kind"]) else { return nil }
        self.init(
            key: ResourceKey(kind, row["name"]),
            location: SourceLocation(file: row["file"], line: row["line"], column: row["col"]),
            generation: row["generation"], json: row["json"])
    }
}
