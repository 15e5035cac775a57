internal import GRDB
internal import Synchronization

/// What the daemon remembers across restarts, in one SQLite file: last good documents, the inventory, conditions,
/// events, the last status report and a heartbeat.
///
/// Every call runs on the database's own queue, so that the cooperative pool never waits for a disk, and runs to its
/// end even when the calling task is cancelled. Nothing is written that is already there (invariant I7).
public final class Records: Sendable {
    /// The schema version that this program reads and writes.
    public static var version: Int { Migrations.version }

    public let path: String
    /// Where a corrupt database was set aside when this one was opened; nil when there was none.
    public let recovered: String?

    let queue: DatabaseQueue
    private let rowsWritten = Atomic<Int>(0)

    /// Opens the database, makes or migrates it, and sets a corrupt one aside as `PATH.corrupt-N`.
    ///
    /// - Throws: `RecordsError.newerVersion` or `.refused`, the file untouched; `.unusable`.
    public init(path: String) throws(RecordsError) {
        let file = StateFile(path: path)
        try file.create()
        self.path = path
        isPersistent = true
        do {
            queue = try Self.open(path)
            recovered = nil
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
        {
            recovered = try file.setAside()
            try file.create()
            do {
                queue = try Self.open(path)
            } catch {
                throw .unusable(path: path, reason: RecordsError.reason(of: error))
            }
        } catch let error as RecordsError {
            throw error
        } catch {
            throw .unusable(path: path, reason: RecordsError.reason(of: error))
        }
    }

    /// Whether what is written outlives the process.
    public let isPersistent: Bool

    private init(path: String, queue: DatabaseQueue, isPersistent: Bool) {
        self.path = path
        self.queue = queue
        self.isPersistent = isPersistent
        recovered = nil
    }

    /// Records in memory, for a host whose disk cannot be written. They start with the contents of the file at `path`,
    /// if it can be read; nothing that is written from then on outlives the process.
    ///
    /// - Throws: `RecordsError.newerVersion`, `.unusable`.
    public static func inMemory(copying path: String) throws(RecordsError) -> Records {
        do {
            // What must not be opened is not copied either.
            let isSound = (try? StateFile(path: path).check()) != nil
            var queue =
                isSound ? try? DatabaseQueue.inMemoryCopy(fromPath: path, configuration: memoryConfiguration()) : nil
            if let copy = queue {
                try checkVersion(of: copy, path: path)
                do { try Migrations.migrator.migrate(copy) } catch { queue = nil }
            }
            if let queue { return Records(path: path, queue: queue, isPersistent: false) }
            let empty = try DatabaseQueue(configuration: memoryConfiguration())
            try Migrations.migrator.migrate(empty)
            return Records(path: path, queue: empty, isPersistent: false)
        } catch let error as RecordsError {
            throw error
        } catch {
            throw .unusable(path: path, reason: RecordsError.reason(of: error))
        }
    }

    /// Opens an existing database to read, with or without a writer alive. Nothing in the file changes.
    ///
    /// - Throws: `RecordsError.missing`, `.refused`, `.newerVersion`, `.unusable`.
    public static func readOnly(path: String) throws(RecordsError) -> Records {
        if let absence = StateFile(path: path).absence { throw absence }
        try StateFile(path: path).check(owned: false)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readOnly: true))
            try checkVersion(of: queue, path: path)
            return Records(path: path, queue: queue, isPersistent: true)
        } catch let error as RecordsError {
            throw error
        } catch {
            throw .unusable(path: path, reason: RecordsError.reason(of: error))
        }
    }

    /// Rows inserted, updated or deleted since the database was opened, heartbeats apart.
    public var writes: Int { rowsWritten.load(ordering: .relaxed) }

    private static func memoryConfiguration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "records"
        return configuration
    }

    private static func configuration(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = "records"
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(5)
        if !readOnly {
            configuration.journalMode = .wal
            configuration.prepareDatabase { db in
                // 256 pages of 4 KiB: a checkpoint each MiB, after which the file is cut back to one MiB at most.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576")
            }
        }
        return configuration
    }

    /// The version is read through a read-only connection first, so that a newer database is not even switched to WAL.
    private static func open(_ path: String) throws -> DatabaseQueue {
        try checkVersion(of: DatabaseQueue(path: path, configuration: configuration(readOnly: true)), path: path)
        let queue = try DatabaseQueue(path: path, configuration: configuration(readOnly: false))
        try queue.writeWithoutTransaction { db in
            let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
            guard verdict == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: verdict) }
        }
        try Migrations.migrator.migrate(queue)
        return queue
    }

    private static func checkVersion(of queue: DatabaseQueue, path: String) throws {
        let found = try queue.unsafeRead { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
        guard found <= version else { throw RecordsError.newerVersion(path: path, found: found, supported: version) }
    }

    /// Runs one transaction on the database's queue and counts the rows that it wrote.
    func write<T: Sendable>(
        _ operation: String, isCounted: Bool = true, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(RecordsError) -> T {
        let result: Result<T, RecordsError> = await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { db in
                let before = db.totalChangesCount
                do {
                    var value: T?
                    try db.inTransaction(.immediate) {
                        value = try body(db)
                        return .commit
                    }
                    if isCounted { self.rowsWritten.add(db.totalChangesCount - before, ordering: .relaxed) }
                    guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
                    continuation.resume(returning: .success(value))
                } catch {
                    continuation.resume(
                        returning: .failure(.from(error, operation: operation, path: self.path)))
                }
            }
        }
        return try result.get()
    }

    func read<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(RecordsError) -> T {
        let result: Result<T, RecordsError> = await withCheckedContinuation { continuation in
            queue.asyncRead { access in
                let value = Result { try body(access.get()) }
                continuation.resume(
                    returning: value.mapError { .from($0, operation: operation, path: self.path) })
            }
        }
        return try result.get()
    }
}
