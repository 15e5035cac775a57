/// A request, as a client sends it and a server's handler receives it.
public struct HTTPRequest: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    public var method: Method
    /// Path and query, percent-encoded (RFC 3986): `/v1/events?watch=true`.
    public var target: String
    public var headers: HeaderFields
    public var body: [UInt8]
    /// Who is at the other end (`SO_PEERCRED`, unix(7)); set by the server, nil in a client.
    public var peer: PeerCredentials?

    public init(method: Method = .get, target: String, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// `target` up to the question mark, still percent-encoded.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The decoded pairs of the query; of a name that is repeated the last value counts.
    public var query: [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        var pairs: [String: String] = [:]
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            pairs[PercentEncoding.decode(String(parts[0]))] = PercentEncoding.decode(value)
        }
        return pairs
    }
}

/// The process at the other end of a Unix socket, as it was when it connected.
public struct PeerCredentials: Hashable, Sendable {
    public var processID: Int32
    public var userID: UInt32
    public var groupID: UInt32

    public init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }
}

/// The status line and the header fields of a response.
public struct HTTPResponseHead: Hashable, Sendable {
    /// 100 to 599 (RFC 9110, section 15).
    public var status: Int
    public var headers: HeaderFields

    public init(status: Int, headers: HeaderFields = [:]) {
        self.status = status
        self.headers = headers
    }

    /// Whether the status is one of 200 to 299.
    public var isSuccess: Bool { (200...299).contains(status) }
}

/// A whole response.
public struct HTTPResponse: Hashable, Sendable {
    public var head: HTTPResponseHead
    public var body: [UInt8]

    public init(status: Int, headers: HeaderFields = [:], body: [UInt8] = []) {
        head = HTTPResponseHead(status: status, headers: headers)
        self.body = body
    }

    public var status: Int { head.status }
    public var headers: HeaderFields { head.headers }
    public var isSuccess: Bool { head.isSuccess }
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
