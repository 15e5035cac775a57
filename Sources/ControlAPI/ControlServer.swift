internal import Foundation
internal import Resources
internal import UnixHTTP

/// Serves a daemon's status and commands on its control socket (root alone: mode 0600) until its task is cancelled.
///
/// | route | answer |
/// | --- | --- |
/// | `GET /v1/report` | a `StatusReport` |
/// | `GET /v1/summary` | a `StatusSummary` |
/// | `GET /v1/watch` | a `StatusReport` a line: one at once, one after each change |
/// | `GET /v1/events?for=node/host-a` | a list of `Event`s, the oldest first |
/// | `GET /v1/events?watch=true` | an `Event` a line: those there are, then each one that is new or counts up |
/// | `GET /v1/key` | this host's public key, a line of text; 404 without one |
/// | `POST /v1/resync` | 204 once the request is taken |
/// | `POST /v1/down` | what was removed, a list of lines |
/// | `POST /v1/diff` | a `DiffReport` for the `DiffRequest` in the body |
/// | `GET /v1/prune` | the `HeldDeletions` |
/// | `POST /v1/prune` | 204 when the deletions in the body were let go; 409 when others are held |
/// | `POST /v1/adopt` | the Node that this host serves from now on, a line of text; 409 when it does not |
/// | `GET /v1/paths` | the `PathList` |
/// | `GET /v1/traffic` | a `TrafficReport` read within the last second |
/// | `GET /healthz` | `ok` |
/// | `GET /metrics` | Prometheus text, without keys or endpoints |
public struct ControlServer: Sendable {
    /// Where wgctl looks unless told otherwise.
    public static let defaultSocketPath = "/run/wgctl/wgd.sock"

    /// Bytes of a `DiffRequest`, which carries the manifests.
    static let diffLimit = 128 << 20
    /// Bytes of all that are under way: two of the longest. Decoded, each takes several times as much memory.
    static let totalDiffLimit = 256 << 20

    private let socketPath: String
    private let provider: any ControlProvider

    public init(socketPath: String = ControlServer.defaultSocketPath, provider: any ControlProvider) {
        self.socketPath = socketPath
        self.provider = provider
    }

    /// Listens and serves until the task is cancelled.
    ///
    /// - Parameter onListening: Called once connections are taken.
    /// - Throws: `UnixHTTPError` when the socket cannot be made; its directory must exist.
    public func run(onListening: @Sendable () -> Void = {}) async throws {
        var limits = UnixHTTPServer.Limits()
        limits.bodyBytes = Self.diffLimit
        limits.totalBodyBytes = Self.totalDiffLimit
        try await UnixHTTPServer(socketPath: socketPath, mode: 0o600, limits: limits) { request in
            do {
                return try await reply(to: request)
            } catch {
                return .text(status: 500, "\(error)\n")
            }
        }.run(onListening: onListening)
    }

    private func reply(to request: HTTPRequest) async throws -> HTTPReply {
        switch (request.method, request.path) {
        case (.get, "/v1/report"):
            return try .json(encode(await provider.report()))
        case (.get, "/v1/summary"):
            return try .json(encode(await provider.summary()))
        case (.get, "/v1/watch"):
            return watch()
        case (.get, "/v1/events"):
            let object = request.query["for"]
            if request.query["watch"] == "true" { return watchEvents(for: object) }
            return try .json(encode(await provider.events(for: object)))
        case (.get, "/v1/key"):
            guard let key = await provider.publicKey() else { return .text(status: 404, "this host has no key yet\n") }
            return .text("\(key)\n")
        case (.post, "/v1/resync"):
            await provider.resync()
            return .response(status: 204)
        case (.post, "/v1/down"):
            return try .json(encode(await provider.down()))
        case (.post, "/v1/diff"):
            guard let body = try? JSONCoding.decoder.decode(DiffRequest.self, from: Data(request.body)) else {
                return .text(status: 400, "POST /v1/diff: the body is no DiffRequest of this version\n")
            }
            return try .json(encode(await provider.diff(body)))
        case (.get, "/v1/prune"):
            return try .json(encode(await provider.heldDeletions()))
        case (.post, "/v1/prune"):
            return await prune(request.body)
        case (.post, "/v1/adopt"):
            return await adopt(request.body)
        case (.get, "/v1/paths"):
            return try .json(encode(await provider.paths()))
        case (.get, "/v1/traffic"):
            return try .json(encode(await provider.traffic()))
        case (.get, "/healthz"):
            return .text("ok\n")
        case (.get, "/metrics"):
            return .response(
                status: 200, headers: ["content-type": "text/plain; version=0.0.4; charset=utf-8"],
                body: Array(MetricsText.render(await provider.metrics()).utf8))
        default:
            return .text(status: 404, "\(request.method.rawValue) \(request.path): there is no such route\n")
        }
    }

    private func prune(_ body: [UInt8]) async -> HTTPReply {
        guard let deletions = try? JSONCoding.decoder.decode([Deletion].self, from: Data(body)) else {
            return .text(status: 400, "POST /v1/prune: the body is no list of deletions of this version\n")
        }
        do {
            try await provider.prune(deletions)
            return .response(status: 204)
        } catch {
            return .text(status: 409, "\(error)\n")
        }
    }

    private func adopt(_ body: [UInt8]) async -> HTTPReply {
        guard let request = try? JSONCoding.decoder.decode(AdoptRequest.self, from: Data(body)) else {
            return .text(status: 400, "POST /v1/adopt: the body is no AdoptRequest of this version\n")
        }
        do {
            return .text("\(try await provider.adopt(from: request.from, to: request.to))\n")
        } catch {
            return .text(status: 409, "\(error)\n")
        }
    }

    private static let lines = HTTPResponseHead(status: 200, headers: ["content-type": "application/jsonl"])

    private func watch() -> HTTPReply {
        .stream(Self.lines) { [provider] writer in
            // Subscribed before the first read, so that no change falls between them.
            let changes = provider.changes()
            var sent = try encode(await provider.report())
            try await writer.write(sent + [newline])
            for await _ in changes {
                let current = try encode(await provider.report())
                guard current != sent else { continue }
                sent = current
                try await writer.write(current + [newline])
            }
        }
    }

    private func watchEvents(for object: String?) -> HTTPReply {
        .stream(Self.lines) { [provider] writer in
            let changes = provider.changes()
            var sent = try await provider.events(for: object)
            for event in sent { try await writer.write(encode(event) + [newline]) }
            for await _ in changes {
                let current = try await provider.events(for: object)
                let known = Set(sent)
                for event in current where !known.contains(event) {
                    try await writer.write(encode(event) + [newline])
                }
                sent = current
            }
        }
    }
}

private let newline = UInt8(ascii: "\n")

private func encode(_ value: some Encodable) throws -> [UInt8] { Array(try JSONCoding.encoder.encode(value)) }
