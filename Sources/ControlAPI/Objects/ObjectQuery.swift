internal import Foundation

/// Which objects of one kind are asked for: `GET /v1/objects/KIND?names=…&labels=…&fields=…&limit=…&continue=…`.
public struct ObjectQuery: Hashable, Sendable {
    /// Objects in one answer, at most: a page of 10,000-node fleets stays small on both sides.
    public static let pageLimit = 500

    public var kind: ListedKind
    /// nil is every one. A name can be a `uniqueName` too.
    public var names: Set<String>?
    public var labels: LabelSelector?
    public var fields: FieldSelector?
    /// 1 to `pageLimit`.
    public var limit: Int
    /// The token of the page before.
    public var after: ObjectKey?
    /// Whether the table ends with a LABELS column.
    public var showsLabels = false

    public init(
        _ kind: ListedKind, names: Set<String>? = nil, labels: LabelSelector? = nil, fields: FieldSelector? = nil,
        limit: Int = pageLimit
    ) {
        self.kind = kind
        self.names = names
        self.labels = labels
        self.fields = fields
        self.limit = limit
    }

    /// Whether the selectors select it, names and places apart.
    public func selects(_ object: ListedObject) -> Bool {
        (labels?.matches(object.labels) ?? true) && (fields?.matches(object) ?? true)
    }
}

// MARK: on the wire

extension ObjectQuery {
    /// Why a request is no query.
    struct ParseError: Error, CustomStringConvertible {
        var description: String
    }

    static let path = "/v1/objects/"

    /// - Parameter extra: what the request says besides the query.
    func target(_ extra: [String: String] = [:]) -> String {
        var items = extra
        items["names"] = names.map { $0.sorted().joined(separator: ",") }
        items["labels"] = labels?.text
        items["fields"] = fields?.text
        items["continue"] = after?.token
        if limit != Self.pageLimit { items["limit"] = "\(limit)" }
        if showsLabels { items["show-labels"] = "true" }
        let pairs = items.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.encode($0.value))" }
        return Self.path + kind.rawValue + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    /// - Throws: `ParseError`, `LabelSelector.ParseError`, `FieldSelector.ParseError`.
    init(path: String, items: [String: String]) throws {
        let word = String(path.dropFirst(Self.path.count))
        guard let kind = ListedKind(rawValue: word), kind != .events else {
            throw ParseError(description: "this wgd knows no kind \"\(word)\"")
        }
        self.init(kind)
        names = items["names"].map { Set($0.split(separator: ",").map(String.init)) }
        labels = try items["labels"].map { (text) throws(LabelSelector.ParseError) in try LabelSelector(text) }
        fields = try items["fields"].map { (text) throws(FieldSelector.ParseError) in
            try FieldSelector(text, kind: kind)
        }
        if let text = items["limit"] {
            guard let limit = Int(text), limit > 0 else {
                throw ParseError(description: "limit=\(text): write a number above 0")
            }
            self.limit = min(limit, Self.pageLimit)
        }
        if let token = items["continue"] {
            guard let key = ObjectKey(token: token) else {
                throw ParseError(
                    description: "continue=\(token) is no token of this wgd; list again from the beginning")
            }
            after = key
        }
        showsLabels = items["show-labels"] == "true"
    }

    /// RFC 3986: everything but unreserved characters.
    private static func encode(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,/")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
