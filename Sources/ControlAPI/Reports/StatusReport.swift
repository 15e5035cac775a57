public import Foundation
public import Resources

/// Everything that `wgctl get` and `describe` show, events apart: one daemon's view of the fleet at one moment.
///
/// Lists are sorted by name; `sorted()` does it.
public struct StatusReport: Hashable, Sendable, Codable {
    /// The Node that this host is.
    public var node: String
    public var daemon: DaemonStatus
    public var nodes: [ResourceReport]
    public var overlays: [ResourceReport]
    public var gateways: [ResourceReport]
    public var containers: [ContainerReport]
    public var peers: [PeerReport]
    public var routes: [RouteReport]
    /// Mistakes of files that no resource shows, each a whole line `FILE:LINE:COLUMN: path: reason, remedy`.
    public var fileErrors: [String]
    public var counters: Counters

    public init(
        node: String, daemon: DaemonStatus, nodes: [ResourceReport] = [], overlays: [ResourceReport] = [],
        gateways: [ResourceReport] = [], containers: [ContainerReport] = [], peers: [PeerReport] = [],
        routes: [RouteReport] = [], fileErrors: [String] = [], counters: Counters = .init()
    ) {
        self.node = node
        self.daemon = daemon
        self.nodes = nodes
        self.overlays = overlays
        self.gateways = gateways
        self.containers = containers
        self.peers = peers
        self.routes = routes
        self.fileErrors = fileErrors
        self.counters = counters
    }

    /// Every list in its order: resources by name, containers by node and name, peers by overlay and node, routes by
    /// destination.
    public func sorted() -> StatusReport {
        var copy = self
        copy.nodes.sort { $0.key < $1.key }
        copy.overlays.sort { $0.key < $1.key }
        copy.gateways.sort { $0.key < $1.key }
        copy.containers.sort { ($0.node, $0.name) < ($1.node, $1.name) }
        copy.peers.sort { ($0.overlay, $0.node, $0.publicKey) < ($1.overlay, $1.node, $1.publicKey) }
        copy.routes.sort { ($0.destination, $0.interface) < ($1.destination, $1.interface) }
        copy.fileErrors.sort()
        for index in copy.peers.indices { copy.peers[index].allowedIPs.sort() }
        return copy
    }

    /// The report without what moves in an unchanged world (traffic, handshakes, round trips, counters): what is
    /// recorded, so that recording it twice writes nothing.
    public func recordable() -> StatusReport {
        var copy = sorted()
        copy.counters = Counters()
        copy.peers = copy.peers.map(\.steady)
        return copy
    }

    /// The report with the labels and specs that the records keep apart from it.
    public func with(_ lastGood: [LastGood]) -> StatusReport {
        let documents = Dictionary(lastGood.map { ($0.key, $0.json) }) { first, _ in first }
        var copy = self
        for list in [\StatusReport.nodes, \.overlays, \.gateways] {
            for index in copy[keyPath: list].indices where copy[keyPath: list][index].spec == nil {
                guard let json = documents[copy[keyPath: list][index].key] else { continue }
                copy[keyPath: list][index].read(document: json)
            }
        }
        return copy
    }

    /// `recordable()` as JSON text for `Records.save(report:)`.
    ///
    /// - Throws: `EncodingError`.
    public func recordedText() throws -> String {
        String(decoding: try JSONCoding.encoder.encode(recordable()), as: UTF8.self)
    }

    /// Reads what `recordedText()` wrote.
    ///
    /// - Throws: `DecodingError`.
    public init(recordedText: String) throws {
        self = try JSONCoding.decoder.decode(StatusReport.self, from: Data(recordedText.utf8))
    }
}

/// The daemon itself.
public struct DaemonStatus: Hashable, Sendable, Codable {
    public var version: String
    public var pid: Int32
    public var startedAt: Date
    /// The manifest directory.
    public var manifests: String
    /// The control socket.
    public var socket: String
    /// Where the host policy in force comes from; nil from a daemon that did not say.
    public var policy: String?
    /// Why nothing is changed now (`SourceUnavailable`, a held deletion, `wgctl down`); nil when it works.
    public var paused: String?
    /// What an operator should know of this host, a line each.
    public var warnings: [String]
    /// That the host is called otherwise than the Node that it serves, and what to do; nil when it is not. Among
    /// `warnings` too.
    public var nameChange: String?

    public init(
        version: String, pid: Int32, startedAt: Date, manifests: String, socket: String, policy: String? = nil,
        paused: String? = nil, warnings: [String] = []
    ) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.manifests = manifests
        self.socket = socket
        self.policy = policy
        self.paused = paused
        self.warnings = warnings
    }
}

/// What the daemon did since it started. A second reconcile of an unchanged world adds nothing to `writes`.
public struct Counters: Hashable, Sendable, Codable {
    /// Passes of the loop.
    public var reconciles: Int
    /// By backend (`kernel`, `wireguard`, `podman`, `database`): requests that change something, or rows.
    public var writes: [String: Int]
    /// By backend: failed reads and writes.
    public var errors: [String: Int]
    public var lastReconcile: Date?
    /// Seconds that the last pass took.
    public var lastReconcileDuration: Double?

    public init(
        reconciles: Int = 0, writes: [String: Int] = [:], errors: [String: Int] = [:], lastReconcile: Date? = nil,
        lastReconcileDuration: Double? = nil
    ) {
        self.reconciles = reconciles
        self.writes = writes
        self.errors = errors
        self.lastReconcile = lastReconcile
        self.lastReconcileDuration = lastReconcileDuration
    }
}
