internal import Convergence
internal import HostState
internal import Reconciler

/// The outstanding work of the lanes. Written by the recorder.
struct LaneReports: Fact {
    /// The last round's outstanding work of each lane.
    var outstanding: [LaneName: Outstanding] = [:]
    /// What the lanes have done since `wgctl down`, for its answer.
    var teardownLines: [String] = []
}

/// What a lane could not do yet, and why.
struct Outstanding: Sendable, Equatable {
    var error: String?
    var failures: [Gap] = []
    var waiting: [Waiting] = []
    var conflicts: [Conflict] = []

    /// A blocked change, as conditions and reports show it.
    struct Waiting: Sendable, Equatable {
        var regarding: ResourceReference
        var operation: ChangeOperation
        /// The object of the change, in words.
        var target: String
        var reason: String

        init<Change>(_ waiting: WaitingChange<Change>, _ owners: Owners) {
            regarding = waiting.change.regarding(owners)
            operation = waiting.change.operation
            target = waiting.change.words.target
            reason = waiting.reason
        }
    }
}

/// Results of the probes of peers. Written by the peer monitor.
struct PeerProbes: Fact {
    var states: [PeerKey: ProbeState] = [:]
}

/// Identifies a peer by overlay and node.
struct PeerKey: Hashable, Sendable, Comparable {
    var overlay: String
    var node: String

    static func < (a: PeerKey, b: PeerKey) -> Bool { (a.overlay, a.node) < (b.overlay, b.node) }
}

/// The result of the last probe of a peer.
enum ProbeState: Hashable, Sendable {
    case unknown
    /// Round trip in microseconds.
    case answered(microseconds: Int64)
    case unanswered(attempts: Int)
}

/// Why services of the daemon fail, by service name; each is restarted continuously. Written by `ServiceHealth`.
struct ServiceFailures: Fact {
    var reasons: [String: String] = [:]
}
