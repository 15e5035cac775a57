internal import Foundation
public import NetAddress
public import Resources
internal import UnixHTTP

/// Asks the daemon over its control socket.
///
/// Every call throws `ControlError`, or `CancellationError` when its task was cancelled.
public struct ControlClient: Sendable {
    public let socketPath: String

    public init(socketPath: String = ControlServer.defaultSocketPath) { self.socketPath = socketPath }

    public func report() async throws -> StatusReport {
        try decode(try await send(.get, "/v1/report"))
    }

    /// The daemon, and what an operator must not miss.
    public func summary() async throws -> StatusSummary { try decode(try await send(.get, "/v1/summary")) }

    /// Events of one object (`node/host-a`), or of all, the oldest first.
    public func events(for object: String? = nil) async throws -> [Event] {
        try decode(try await send(.get, eventsTarget(object, watch: false)))
    }

    /// The report now, and again after each change, until the daemon goes or the loop is left.
    public func watch() async throws -> AsyncThrowingStream<StatusReport, any Error> {
        try await stream("/v1/watch")
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
        try decode(try await send(.post, "/v1/down", timeout: .seconds(86400 + 600)))
    }

    /// What the host would change now, by these manifests or by the daemon's own.
    public func diff(_ request: DiffRequest) async throws -> DiffReport {
        let body = Array(try JSONCoding.encoder.encode(request))
        guard body.count <= ControlServer.diffLimit else {
            throw ControlError.refused(
                status: 413,
                message: "the manifests are more than \(ControlServer.diffLimit >> 20) MiB: diff a part of them")
        }
        return try decode(try await send(.post, "/v1/diff", body: body, timeout: .seconds(120)))
    }

    /// Deletions that wait for an operator's word.
    public func heldDeletions() async throws -> HeldDeletions { try decode(try await send(.get, "/v1/prune")) }

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
        try decode(try await send(.get, "/v1/paths", timeout: .seconds(60)))
    }

    /// The counters of every peer, read within the last second.
    public func traffic() async throws -> TrafficReport { try decode(try await send(.get, "/v1/traffic")) }

    /// This host's public key; nil when it has none yet.
    public func publicKey() async throws -> PublicKey? {
        do {
            let text = String(decoding: try await send(.get, "/v1/key"), as: UTF8.self)
            return PublicKey(text.trimmingCharacters(in: .whitespacesAndNewlines))
        } catch ControlError.refused(status: 404, _) {
            return nil
        }
    }

    /// Prometheus text.
    public func metrics() async throws -> String {
        String(decoding: try await send(.get, "/metrics"), as: UTF8.self)
    }

    private func send(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], timeout: Duration = .seconds(10)
    ) async throws -> [UInt8] {
        do {
            let request = HTTPRequest(method: method, target: target, body: body)
            let response = try await UnixHTTPClient(socketPath: socketPath).send(request, timeout: timeout)
            guard response.isSuccess else {
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
                throw ControlError.refused(
                    status: response.head.status, message: "\(target): the daemon answered \(response.head.status)")
            }
            return AsyncThrowingStream { continuation in
                let task = Task {
                    do {
                        // A report grows with the fleet, and the daemon is trusted with it.
                        for try await line in response.lines(limit: .max) {
                            continuation.yield(try decode(Array(line.utf8)))
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

    private func decode<T: Decodable>(_ body: [UInt8]) throws -> T {
        do {
            return try JSONCoding.decoder.decode(T.self, from: Data(body))
        } catch {
            throw ControlError.noAnswer(
                "\(socketPath) answers with something else; is it of the same version as this wgctl?")
        }
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
