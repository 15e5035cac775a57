internal import ControlAPI
internal import Convergence
internal import Foundation
internal import NetAddress
internal import Probes

/// How a path fared, as `-o json` prints it.
struct PathResult: Hashable, Codable {
    enum Outcome: String, Hashable, Codable {
        case ok = "OK"
        /// The node's public key is not known, so it is no peer and nothing was sent.
        case publicKeyMissing = "PublicKeyMissing"
        /// Neither side can dial the other, so nothing was sent.
        case noPath = "NoPath"
        /// The kernel took no packet.
        case notSent = "NotSent"
        /// No session with the peer, and none came about.
        case noHandshake = "NoHandshake"
        /// No echo, over a session that stands.
        case noReply = "NoReply"
        case packetLoss = "PacketLoss"
        /// Packets that senders may make do not arrive, and nobody tells them.
        case pathMTU = "PathMTU"
    }

    /// Seconds.
    struct RoundTrip: Hashable, Codable {
        var min: Double
        var avg: Double
        var max: Double
    }

    /// Bytes of an IP packet.
    struct MTU: Hashable, Codable {
        /// What the kernel takes the path for.
        var promised: Int
        /// What came through; nil when not even 1280 did.
        var carried: Int?
    }

    var from: Place
    var to: Place
    /// The node that `to` is or runs on.
    var node: String
    var overlay: String
    var interface: String
    var address: IPAddress
    /// `ADDRESS:PORT` as the device has it.
    var endpoint: String?
    /// Of the node's peer.
    var latestHandshake: Date?
    var sent: Int
    var received: Int
    /// nil when no echo was answered.
    var roundTrip: RoundTrip?
    /// nil when no echo was answered.
    var mtu: MTU?
    var result: Outcome
    /// What is wrong and where to look; nil when nothing is.
    var message: String?

    init(
        _ path: CheckedPath, _ measured: PathProbe.Measurement, peer: TrafficReport.Peer?, result: Outcome,
        message: String?
    ) {
        from = path.from
        to = path.to
        node = path.peer.node
        overlay = path.overlay.name
        interface = path.overlay.interface
        address = path.address
        endpoint = peer?.endpoint
        latestHandshake = peer?.latestHandshake.map { Date(timeIntervalSince1970: TimeInterval($0)) }
        sent = measured.sent
        received = measured.roundTrips.count
        let trips = measured.roundTrips.map { $0 / .seconds(1) }
        if let least = trips.min(), let most = trips.max() {
            roundTrip = RoundTrip(min: least, avg: trips.reduce(0, +) / Double(trips.count), max: most)
        }
        mtu = measured.mtu.map { MTU(promised: $0.promised, carried: $0.carried) }
        self.result = result
        self.message = message
    }
}

/// What `wgctl check` found on one host.
struct CheckReport: Hashable, Codable {
    struct Summary: Hashable, Codable {
        var paths: Int
        var ok: Int
        var noPath: Int
        /// With those of `noPath` that were asked to be failures.
        var failed: Int
    }

    /// The Node that the host is.
    var node: String
    /// Those from the host first, then by name.
    var paths: [PathResult]
    /// What keeps whole overlays from being set up: a failure each.
    var problems: [String]
    var remarks: [String]
    var summary: Summary

    init(node: String, paths: [PathResult], problems: [String], remarks: [String], requiresPath: Bool) {
        self.node = node
        self.paths = paths.sorted {
            ($0.from, $0.overlay, $0.node, $0.to, $0.address) < ($1.from, $1.overlay, $1.node, $1.to, $1.address)
        }
        self.problems = problems
        self.remarks = remarks
        let ok = paths.count { $0.result == .ok }
        let noPath = paths.count { $0.result == .noPath }
        summary = Summary(
            paths: paths.count, ok: ok, noPath: noPath, failed: paths.count - ok - (requiresPath ? 0 : noPath))
    }

    var isGood: Bool { summary.failed == 0 && problems.isEmpty }
}
