public import Foundation
internal import GRDB
public import HostState
public import NetAddress

extension Records {
    private static let inventoryName = "inventory"
    private static let reportName = "report"
    private static let quarantineName = "quarantine"
    private static let resolvedName = "resolved"
    private static let identitiesName = "identities"

    /// What this daemon created or changed; empty in a new database.
    public func inventory() async throws(RecordsError) -> Inventory {
        try await read("read the inventory") { db in
            try Self.document(Self.inventoryName, in: db).map(Inventory.init(stored:)) ?? Inventory()
        }
    }

    /// Writes the inventory if it differs from the stored one.
    public func save(_ inventory: Inventory) async throws(RecordsError) {
        try await write("save the inventory") { db in
            // Sets have no order: equal values need not be equal text.
            let stored = try Self.document(Self.inventoryName, in: db).map(Inventory.init(stored:))
            guard stored != inventory else { return }
            let json = String(decoding: try JSONEncoder().encode(inventory), as: UTF8.self)
            try Self.save(json, as: Self.inventoryName, in: db)
        }
    }

    /// The last status report as JSON, whose shape is ControlAPI's; nil when none was saved yet.
    public func report() async throws(RecordsError) -> String? {
        try await read("read the status report") { db in try Self.document(Self.reportName, in: db) }
    }

    /// Writes the report if its bytes differ from the stored ones.
    public func save(report json: String) async throws(RecordsError) {
        try await write("save the status report") { db in try Self.save(json, as: Self.reportName, in: db) }
    }

    /// The manifests that ended the daemon, as JSON in the daemon's format; nil when there are none.
    public func quarantine() async throws(RecordsError) -> String? {
        try await read("read the quarantine") { db in try Self.document(Self.quarantineName, in: db) }
    }

    /// Writes the quarantine if its bytes differ from the stored ones.
    public func save(quarantine json: String) async throws(RecordsError) {
        try await write("save the quarantine") { db in try Self.save(json, as: Self.quarantineName, in: db) }
    }

    /// The addresses of endpoints' names at the last resolution, by name, best first.
    public func resolved() async throws(RecordsError) -> [String: [IPAddress]] {
        try await read("read the resolved names") { db in
            guard let json = try Self.document(Self.resolvedName, in: db) else { return [:] }
            return try JSONDecoder().decode([String: [IPAddress]].self, from: Data(json.utf8))
        }
    }

    /// Writes them if their bytes differ from the stored ones.
    public func save(resolved: [String: [IPAddress]]) async throws(RecordsError) {
        try await write("save the resolved names") { db in
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try Self.save(String(decoding: try encoder.encode(resolved), as: UTF8.self), as: Self.resolvedName, in: db)
        }
    }

    /// The names that everything on this host was created with; empty in a new database.
    public func identities() async throws(RecordsError) -> Identities {
        try await read("read the identities") { db in
            guard let json = try Self.document(Self.identitiesName, in: db) else { return Identities() }
            return try JSONDecoder().decode(Identities.self, from: Data(json.utf8))
        }
    }

    /// Writes them if their bytes differ from the stored ones.
    public func save(_ identities: Identities) async throws(RecordsError) {
        try await write("save the identities") { db in try Self.save(identities, in: db) }
    }

    static func save(_ identities: Identities, in db: Database) throws {
        // A host that has seen no rename has no row.
        guard try identities != Identities() || document(identitiesName, in: db) != nil else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try save(String(decoding: try encoder.encode(identities), as: UTF8.self), as: identitiesName, in: db)
    }

    /// Records that the daemon is running. Not counted in `writes`.
    public func heartbeat(at now: Date = Date()) async throws(RecordsError) {
        try await write("save the heartbeat", isCounted: false) { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO heartbeat (id, at) VALUES (1, ?)", arguments: [now.milliseconds])
        }
    }

    /// The time of the last heartbeat; nil when there was none.
    public func lastHeartbeat() async throws(RecordsError) -> Date? {
        try await read("read the heartbeat") { db in
            try Int64.fetchOne(db, sql: "SELECT at FROM heartbeat").map(Date.init(milliseconds:))
        }
    }

    static func document(_ name: String, in db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT json FROM document WHERE name = ?", arguments: [name])
    }

    static func save(_ json: String, as name: String, in db: Database) throws {
        guard try document(name, in: db) != json else { return }
        try db.execute(
            sql: "INSERT OR REPLACE INTO document (name, json) VALUES (?, ?)", arguments: [name, json])
    }
}

extension Inventory {
    /// Reads stored text; a field that an older program did not know is empty.
    fileprivate init(stored json: String) throws {
        let defaults = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Inventory())) as? [String: Any]
        let found = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let merged = (defaults ?? [:]).merging(found ?? [:]) { _, stored in stored }
        self = try JSONDecoder().decode(Inventory.self, from: JSONSerialization.data(withJSONObject: merged))
    }
}
