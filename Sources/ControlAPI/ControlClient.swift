internal import Foundation
public import JSON
public import NetAddress
public import Resources
internal import UnixHTTP

/// Asks the daemon over its control socket.
///
/// Every call throws `ControlError`, or `CancellationError` when its task was cancelled.
public struct ControlClient: Sendable {
    public let socketPath: String

    public init(socketPath: String = ControlServer.defaultSocketPath) { self.socketPath = socketPath }

    /// A page of rows, as wgd makes them.
    public func table(_ query: ObjectQuery) async throws -> ObjectTable {
        try await ask(query.target(["as": "table"]))
    }

    /// A page of objects.
    public func objects(_ query: ObjectQuery) async throws -> ObjectPage {
        let (items, next) = try await documents(query)
        do {
            return ObjectPage(objects: try items.map(ListedObject.init(json:)), next: next)
        } catch is DecodingError {
            throw await otherRelease()
        }
    }

    /// A page of objects as JSON: also what this release does not know of them.
    public func documents(_ query: ObjectQuery) async throws -> (items: [JSONValue], next: ObjectKey?) {
        let text = String(decoding: try await send(.get, query.target()), as: UTF8.self)
        guard let page = JSONValue(parsing: text), let items = page["items"]?.items else { throw await otherRelease() }
        return (items, page["continue"]?.text.flatMap(ObjectKey.init(token:)))
    }

    /// Every object that a query selects, page by page.
    public func allObjects(_ query: ObjectQuery) async throws -> [ListedObject] {
        var (query, objects) = (query, [ListedObject]())
        repeat {
            let page = try await self.objects(query)
            objects += page.objects
            query.after = page.next
        } while query.after != nil
        return objects
    }

    /// Every object that a query selects, then each change, until the daemon goes or the loop is left.
    public func watch(_ query: ObjectQuery, isTable: Bool) async throws -> AsyncThrowingStream<ObjectChange, any Error>
    {
        try await stream(query.target(isTable ? ["as": "table", "watch": "true"] : ["watch": "true"]))
    }

    /// The daemon, and what an operator must not miss.
    public func summary() async throws -> StatusSummary { try await ask("/v1/summary") }

    /// Events of one object (`node/host-a`), or of all, the oldest first.
    public func events(for object: String? = nil) async throws -> [Event] {
        try await ask(eventsTarget(object, watch: false))
    }

    /// The events there are, then each one that is new or counts up.
    public func watchEvents(for object: String? = nil) async throws -> AsyncThrowingStream<Event, any Error> {
        try await stream(eventsTarget(object, watch: true))
    }

    /// Has the daemon look at everything again now.
    public func resync() async throws { _ = try await send(.post, "/v1/resync") }

    /// Has the daemon take away everything that is its own.
    ///
    /// - Returns: a line for each thing removed.
    public func down() async throws -> [String] {
        // The longest grace period that a manifest can give (86400 s), and some more.
        try await decode(try await send(.post, "/v1/down", timeout: .seconds(86400 + 600)))
    }

    /// What the host would change now, by these manifests or by the daemon's own.
    public func diff(_ request: DiffRequest) async throws -> DiffReport {
        let body = Array(try JSONCoding.encoder.encode(request))
        guard body.count <= ControlServer.diffLimit else {
            throw ControlError.refused(
                status: 413,
                message: "the manifests are more than \(ControlServer.diffLimit >> 20) MiB: diff a part of them")
        }
        return try await decode(try await send(.post, "/v1/diff", body: body, timeout: .seconds(120)))
    }

    /// Deletions that wait for an operator's word.
    public func heldDeletions() async throws -> HeldDeletions { try await ask("/v1/prune") }

    /// Lets exactly these deletions go; refused when others are held by now.
    public func prune(_ deletions: [Deletion]) async throws {
        _ = try await send(.post, "/v1/prune", body: Array(try JSONCoding.encoder.encode(deletions)))
    }

    /// Hands what this host has as one Node over to another.
    ///
    /// - Returns: the Node that the host serves from now on.
    public func adopt(from old: String, to new: String?) async throws -> String {
        let body = Array(try JSONCoding.encoder.encode(AdoptRequest(from: old, to: new)))
        // It waits while manifests are judged.
        let answer = try await send(.post, "/v1/adopt", body: body, timeout: .seconds(60))
        return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Every path that begins on this host.
    public func paths() async throws -> PathList {
        // Podman is asked for each running container.
        try await decode(try await send(.get, "/v1/paths", timeout: .seconds(60)))
    }

    /// The counters of every peer, read within the last second.
    public func traffic() async throws -> TrafficReport { try await ask("/v1/traffic") }

    /// This host's public key; nil when it has none yet.
    public func publicKey() async throws -> PublicKey? {
        do {
            let text = String(decoding: try await send(.get, Self.keyTarget), as: UTF8.self)
            return PublicKey(text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch ControlError.refused(status: 404, _) {
            return nil
        }
    }

    /// Prometheus text.
    public func metrics() async throws -> String {
        String(decoding: try await send(.get, "/metrics"), as: UTF8.self)
    }

    /// Answers 404 when the host has no key yet.
    private static let keyTarget = "/v1/key"

    private func send(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], timeout: Duration = .seconds(10)
    ) async throws -> [UInt8] {
        do {
            let request = HTTPRequest(method: method, target: target, body: body)
            let response = try await UnixHTTPClient(socketPath: socketPath).send(request, timeout: timeout)
            guard response.isSuccess else {
                if response.status == 404, target != Self.keyTarget { throw await otherRelease() }
                let message = response.text.trimmingCharacters(in: .whitespacesAndNewlines)
                throw ControlError.refused(status: response.status, message: message)
            }
            return response.body
        } catch let error as UnixHTTPError {
            throw ControlError(error)
        }
    }

    private func stream<T: Decodable & Sendable>(_ target: String) async throws -> AsyncThrowingStream<T, any Error> {
        do {
            let response = try await UnixHTTPClient(socketPath: socketPath).stream(HTTPRequest(target: target))
            guard response.head.isSuccess else {
                if response.head.status == 404 { throw await otherRelease() }
                throw ControlError.refused(
                    status: response.head.status, message: "\(target): the daemon answered \(response.head.status)")
            }
            return AsyncThrowingStream { continuation in
                let task = Task {
                    do {
                        // A report grows with the fleet, and the daemon is trusted with it.
                        for try await line in response.lines(limit: .max) {
                            continuation.yield(try await decode(Array(line.utf8)))
                        }
                        continuation.finish()
                    } catch let error as UnixHTTPError {
                        continuation.finish(throwing: ControlError(error))
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        } catch let error as UnixHTTPError {
            throw ControlError(error)
        }
    }

    private func ask<T: Decodable>(_ target: String) async throws -> T {
        try await decode(try await send(.get, target))
    }

    private func decode<T: Decodable>(_ body: [UInt8]) async throws -> T {
        do {
            return try JSONCoding.decoder.decode(T.self, from: Data(body))
        } catch {
            throw await otherRelease()
        }
    }

    /// What to say when the answer is not what this release expects: which side is older.
    private func otherRelease() async -> ControlError {
        struct Answer: Decodable {
            struct Daemon: Decodable { var version: String }
            var daemon: Daemon
        }
        let response = try? await UnixHTTPClient(socketPath: socketPath).send(HTTPRequest(target: "/v1/summary"))
        guard let body = response?.body, let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            return .noAnswer("\(socketPath) answers with something else; is it wgd's control socket?")
        }
        return .otherRelease(socketPath: socketPath, daemon: answer.daemon.version)
    }

    private func eventsTarget(_ object: String?, watch: Bool) -> String {
        var components = URLComponents()
        components.path = "/v1/events"
        var items: [URLQueryItem] = []
        if let object { items.append(URLQueryItem(name: "for", value: object)) }
        if watch { items.append(URLQueryItem(name: "watch", value: "true")) }
        components.queryItems = items.isEmpty ? nil : items
        return components.string ?? "/v1/events"
    }
}
