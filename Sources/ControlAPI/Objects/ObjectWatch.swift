internal import Foundation
public import JSON
internal import UnixHTTP

/// What a watch sends, one a line.
public enum ObjectChange: Hashable, Sendable {
    /// First of all, when a table is asked for.
    case columns(ObjectTable)
    case added(Item)
    case modified(Item)
    case deleted(ObjectKey)
    /// Every object that there was at the beginning has been sent.
    case complete

    public enum Item: Hashable, Sendable {
        case row(ObjectTable.Row)
        case object(JSONValue)
    }
}

/// A watch of the objects that a query selects, limits apart.
struct ObjectWatch: Sendable {
    static let head = HTTPResponseHead(status: 200, headers: ["content-type": "application/jsonl"])

    /// Between two comparisons at least this many times what one takes: a watch of 10,000 objects that change
    /// continuously must not take the processor from those who change them.
    private static let idleShare = 4

    let provider: any ControlProvider
    let query: ObjectQuery
    let isTable: Bool

    var reply: HTTPReply {
        .stream(Self.head) { writer in
            // Subscribed before the first read, so that no change falls between them.
            let changes = provider.changes()
            if isTable {
                try await send(.columns(ObjectTable(query.kind, showsLabels: query.showsLabels)), writer)
            }
            var seen: [ObjectKey: Int] = [:]
            var pause = try await compare(&seen, writer)
            try await send(.complete, writer)
            for await _ in changes {
                try await Task.sleep(for: pause)
                pause = try await compare(&seen, writer)
            }
        }
    }

    /// Sends what differs from what was sent, a page at a time.
    ///
    /// - Parameter seen: hashes of the objects as they were sent, without what changes all the time.
    /// - Returns: how long to wait before the next comparison.
    private func compare(_ seen: inout [ObjectKey: Int], _ writer: HTTPBodyWriter) async throws -> Duration {
        var spent = Duration.zero
        var gone = Set(seen.keys)
        var query = query
        let now = Date()
        repeat {
            let start = ContinuousClock.now
            let page = try await provider.objects(query)
            var changes: [ObjectChange] = []
            for object in page.objects {
                let key = object.key
                gone.remove(key)
                let hash = object.steady.hashValue
                guard seen[key] != hash else { continue }
                let item: ObjectChange.Item =
                    isTable ? .row(object.row(showsLabels: query.showsLabels, now: now)) : .object(try object.json())
                changes.append(seen[key] == nil ? .added(item) : .modified(item))
                seen[key] = hash
            }
            query.after = page.next
            spent += ContinuousClock.now - start
            for change in changes { try await send(change, writer) }
        } while query.after != nil
        for key in gone.sorted() {
            seen[key] = nil
            try await send(.deleted(key), writer)
        }
        return spent * Self.idleShare
    }

    private func send(_ change: ObjectChange, _ writer: HTTPBodyWriter) async throws {
        try await writer.writeLine(encodedText(change))
    }
}

extension ObjectPage {
    /// `{"continue": TOKEN, "items": [OBJECT…]}`, written object by object.
    func body() throws -> [UInt8] {
        var text = "{"
        if let next { text += "\"continue\":\"\(next.token)\"," }
        text += "\"items\":["
        for (index, object) in objects.enumerated() {
            if index > 0 { text += "," }
            text += try object.json().canonicalText
        }
        return Array((text + "]}").utf8)
    }
}

/// `{"type": "ADDED", "row": {…}}`, after the manner of Kubernetes' watch events.
extension ObjectChange: Codable {
    private enum Name: String, CodingKey { case type, table, row, object, key }

    private enum ChangeType: String, Codable {
        case columns = "COLUMNS"
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
        case complete = "COMPLETE"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Name.self)
        func item() throws -> Item {
            if let row = try members.decodeIfPresent(ObjectTable.Row.self, forKey: .row) { return .row(row) }
            return .object(try members.decode(JSONValue.self, forKey: .object))
        }
        self =
            switch try members.decode(ChangeType.self, forKey: .type) {
            case .columns: .columns(try members.decode(ObjectTable.self, forKey: .table))
            case .added: .added(try item())
            case .modified: .modified(try item())
            case .deleted: .deleted(try members.decode(ObjectKey.self, forKey: .key))
            case .complete: .complete
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Name.self)
        func encode(_ type: ChangeType, _ item: Item) throws {
            try members.encode(type, forKey: .type)
            switch item {
            case .row(let row): try members.encode(row, forKey: .row)
            case .object(let object): try members.encode(object, forKey: .object)
            }
        }
        switch self {
        case .columns(let table):
            try members.encode(ChangeType.columns, forKey: .type)
            try members.encode(table, forKey: .table)
        case .added(let item): try encode(.added, item)
        case .modified(let item): try encode(.modified, item)
        case .deleted(let key):
            try members.encode(ChangeType.deleted, forKey: .type)
            try members.encode(key, forKey: .key)
        case .complete: try members.encode(ChangeType.complete, forKey: .type)
        }
    }
}
