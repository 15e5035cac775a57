internal import GRDB

/// The schema, one step for each version. A step is never edited after a release: a new one follows it.
enum Migrations {
    /// `PRAGMA user_version` of a database with every step applied.
    static let version = 1

    /// Each step runs in one transaction together with its version number, so that a kill leaves the schema before it.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: first)
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// Times are milliseconds since the epoch.
    private static let first = """
        CREATE TABLE lastGood (
            kind TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL,
            generation INTEGER NOT NULL, json TEXT NOT NULL, createdAt INTEGER NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE condition (
            object TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
            message TEXT NOT NULL, lastTransitionTime INTEGER NOT NULL, observedGeneration INTEGER NOT NULL,
            PRIMARY KEY (object, type)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
            id INTEGER PRIMARY KEY, type TEXT NOT NULL, reason TEXT NOT NULL, regarding TEXT NOT NULL,
            message TEXT NOT NULL, count INTEGER NOT NULL, firstTimestamp INTEGER NOT NULL,
            lastTimestamp INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX eventRegarding ON event (regarding, reason, lastTimestamp);
        CREATE INDEX eventLastTimestamp ON event (lastTimestamp);
        CREATE TABLE document (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
        """
}
