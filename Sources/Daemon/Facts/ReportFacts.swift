internal import Convergence
internal import Foundation
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
    /// Of every peer that the kernel has.
    var probes: [PeerKey: PeerProbe] = [:]
    /// How long it takes to probe each peer once.
    var period = ProbeSchedule.shortestPeriod
}

/// What the probes of a peer have found.
struct PeerProbe: Hashable, Sendable {
    /// How many periods the result of a probe counts.
    static let periods = 3

    private(set) var state: ProbeState = .unknown
    /// When the probe that `state` is from was sent; before the first one, when the peer appeared.
    private(set) var at: ContinuousClock.Instant
    /// `at` by the wall clock, for reports; nil before the first probe.
    var time: Date?
    /// Probes with an outcome since the peer appeared, and those of them without a reply.
    private(set) var sent = 0
    private(set) var lost = 0

    /// Seconds; nil unless the last probe was answered.
    var roundTrip: Double? {
        if case .answered(let microseconds) = state { Double(microseconds) / 1_000_000 } else { nil }
    }

    init(at: ContinuousClock.Instant, state: ProbeState = .unknown, time: Date? = nil) {
        self.at = at
        self.state = state
        self.time = time
    }

    mutating func note(_ outcome: ProbeState, at instant: ContinuousClock.Instant) {
        (state, at) = (outcome, instant)
        sent += 1
        if !outcome.isAnswered { lost += 1 }
    }

    /// A probe without a reply that does not count yet, since one packet is lost now and then.
    mutating func noteMiss() {
        sent += 1
        lost += 1
    }

    /// Whether three probes in a row are missing, so that nothing is known of the peer any more.
    func isOverdue(at now: ContinuousClock.Instant, period: Duration) -> Bool { now - at > period * PeerProbe.periods }
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
    case unanswered

    var isAnswered: Bool { if case .answered = self { true } else { false } }

    /// Whether both say the same of the peer, whatever the round trip.
    func agrees(with other: ProbeState) -> Bool { isAnswered ? other.isAnswered : self == other }
}

/// Why services of the daemon fail, by service name; each is restarted continuously. Written by `ServiceHealth`.
struct ServiceFailures: Fact {
    var reasons: [String: String] = [:]
}
