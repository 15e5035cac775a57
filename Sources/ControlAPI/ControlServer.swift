internal import Foundation
internal import Glibc
internal import Resources
internal import UnixHTTP

/// Serves a daemon's status and commands on its control socket until its task is cancelled. Root alone can connect (mode
/// 0600), or a group too (0660), whose members read and change nothing.
///
/// | route | answer |
/// | --- | --- |
/// | `GET /v1/objects/nodes?names=&labels=&fields=&limit=&continue=` | `{"items": [OBJECT…], "continue": TOKEN}` |
/// | `… &as=table` | an `ObjectTable` |
/// | `… &watch=true` | an `ObjectChange` a line: every object, then each that is new, different or gone |
/// | `GET /v1/summary` | a `StatusSummary` |
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
    private let group: UInt32?
    private let provider: any ControlProvider

    /// - Parameter group: the id of the group that may read.
    public init(
        socketPath: String = ControlServer.defaultSocketPath, group: UInt32? = nil, provider: any ControlProvider
    ) {
        self.socketPath = socketPath
        self.group = group
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
        let mode: UInt32 = group == nil ? 0o600 : 0o660
        try await UnixHTTPServer(socketPath: socketPath, mode: mode, group: group, limits: limits) { request in
            do {
                if let refusal = Self.refusal(of: request) { return refusal }
                return try await reply(to: request)
            } catch {
                return .text(status: 500, "\(error)\n")
            }
        }.run(onListening: onListening)
    }

    /// What only root, and the user that wgd runs as, may ask for: what changes something. A dry run changes nothing.
    static func refusal(of request: HTTPRequest) -> HTTPReply? {
        guard request.method != .get, request.path != "/v1/diff" else { return nil }
        guard let peer = request.peer, peer.userID == 0 || peer.userID == geteuid() else {
            return .text(
                status: 403, "members of the socket's group may read; to change something, run wgctl as root\n")
        }
        return nil
    }

    private func reply(to request: HTTPRequest) async throws -> HTTPReply {
        switch (request.method, request.path) {
        case (.get, "/v1/summary"):
            return try .json(encode(await provider.summary()))
        case (.get, "/v1/events"):
            let object = request.query["for"]
            if request.query["watch"] == "true" { return watchEvents(for: object) }
            return try .json(encode(await provider.events(for: object, since: nil)))
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
        case (.get, let path) where path.hasPrefix(ObjectQuery.path):
            return try await objects(request)
        default:
            // Whoever asks is of another release.
            return .text(
                status: 404,
                "\(request.method.rawValue) \(request.path): wgd \(ProgramVersion.current) has no such route; use the "
                    + "wgctl of the same release\n")
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

    private func objects(_ request: HTTPRequest) async throws -> HTTPReply {
        let items = request.query
        let query: ObjectQuery
        do {
            query = try ObjectQuery(path: request.path, items: items)
        } catch {
            return .text(status: 400, "\(error)\n")
        }
        let isTable = items["as"] == "table"
        if items["watch"] == "true" { return ObjectWatch(provider: provider, query: query, isTable: isTable).reply }
        let page = try await provider.objects(query)
        if isTable {
            return try .json(encode(ObjectTable(query.kind, page, showsLabels: query.showsLabels, now: Date())))
        }
        return try .json(page.body())
    }

    private func watchEvents(for object: String?) -> HTTPReply {
        .stream(ObjectWatch.head) { [provider] writer in
            let changes = provider.changes()
            let first = try await provider.events(for: object, since: nil)
            for event in first { try await writer.writeLine(encodedText(event)) }
            var (sent, newest) = (Set(first), first.last?.lastTimestamp)
            for await _ in changes {
                // Events that are written in the same millisecond as the last one may have come after it; after the clock
                // was set back, they all seem to be older.
                let isBackInTime = newest.map { Date() < $0 } ?? true
                let current = try await provider.events(for: object, since: isBackInTime ? nil : newest)
                for event in current where sent.insert(event).inserted {
                    try await writer.writeLine(encodedText(event))
                }
                newest = current.last?.lastTimestamp ?? newest
                // Those that the next reading may contain are enough.
                if sent.count > 4096, !isBackInTime { sent = Set(current) }
            }
        }
    }
}

func encode(_ value: some Encodable) throws -> [UInt8] { Array(try JSONCoding.encoder.encode(value)) }

func encodedText(_ value: some Encodable) throws -> String { String(decoding: try encode(value), as: UTF8.self) }
