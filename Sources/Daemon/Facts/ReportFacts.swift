internal import Convergence
internal import HostState
internal import Reconciler

/// What the lanes have left to do. Written by the recorder.
struct LaneReports: Fact {
    /// The last round's outstanding work of each lane.
    var outstanding: [LaneName: Outstanding] = [:]
    /// Since `wgctl down`: what the lanes have done, for its answer.
    var teardownLines: [String] = []
}

/// What a lane could not do yet, and why.
struct Outstanding: Sendable, Equatable {
    var error: String?
    var failures: [Gap] = []
    var waiting: [Waiting] = []
    var conflicts: [Conflict] = []

    /// A change that must wait, as conditions and reports show it.
    struct Waiting: Sendable, Equatable {
        var regarding: ResourceReference
        var operation: ChangeOperation
        /// What it acts on, in words.
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

/// What probes of peers have shown. Written by the peer monitor.
struct PeerProbes: Fact {
    var states: [PeerKey: ProbeState] = [:]
}

/// A peer as the daemon speaks of it.
struct PeerKey: Hashable, Sendable, Comparable {
    var overlay: String
    var node: String

    static func < (a: PeerKey, b: PeerKey) -> Bool { (a.overlay, a.node) < (b.overlay, b.node) }
}

/// What probes of a peer have shown.
enum ProbeState: Hashable, Sendable {
    case unknown
    /// Round trip in microseconds.
    case answered(microseconds: Int64)
    case unanswered(attempts: Int)
}

/// Why services of the daemon do not work, by their names; they are started again and again. Written by `ServiceHealth`.
struct ServiceFailures: Fact {
    var reasons: [String: String] = [:]
}
