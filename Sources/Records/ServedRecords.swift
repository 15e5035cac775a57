internal import Foundation
internal import GRDB

/// The Node that this host serves, as it is remembered across restarts.
public struct ServedRecord: Hashable, Sendable, Codable {
    public var node: String
    /// The name of the host that `NameChanged` was reported for; nil while the host has its Node's name.
    public var reportedName: String?

    public init(node: String, reportedName: String? = nil) {
        self.node = node
        self.reportedName = reportedName
    }
}

extension Records {
    private static let servedName = "served"

    /// The Node that this host served last; nil in a new database, and after its Node was deleted.
    public func served() async throws(RecordsError) -> ServedRecord? {
        try await read("read which Node is served") { db in
            guard let json = try Self.document(Self.servedName, in: db) else { return nil }
            return try JSONDecoder().decode(ServedRecord.self, from: Data(json.utf8))
        }
    }

    /// Writes it if it differs from what is stored; nil forgets it.
    public func save(_ served: ServedRecord?) async throws(RecordsError) {
        try await write("save which Node is served") { db in
            guard let served else {
                return try db.execute(sql: "DELETE FROM document WHERE name = ?", arguments: [Self.servedName])
            }
            try Self.save(served, in: db)
        }
    }

    static func save(_ served: ServedRecord, in db: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try save(String(decoding: try encoder.encode(served), as: UTF8.self), as: servedName, in: db)
    }
}
