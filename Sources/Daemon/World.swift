internal import Convergence
internal import NetworkState
internal import Foundation
internal import HostState
internal import NetAddress
internal import Resources
internal import Synchronization

/// What the parts of the daemon know of the host, each part writing its own: the blackboard between the lanes.
///
/// Lanes never call each other. Each reads the other's last observed state here, and is woken when it changes.
final class World: Sendable {
    struct State: Sendable {
        var accepted = AcceptedSet()
        /// When this host first accepted each resource.
        var creationTimestamps: [ResourceKey: Date] = [:]
        /// What the host policy in force comes to.
        var policy = PolicyReport()
        var hasSnapshot = false
        var sourceError: String?
        /// Why nothing is changed on a host whose records are lost; nil when nothing is in doubt.
        var historyDoubt: String?
        var desired = DesiredHost()
        var inventory = Inventory()
        /// The names that what is on this host was made with, where manifests have renamed its owners since.
        var identities = Identities()
        /// That this host is called otherwise than the Node that it serves, and what to do; nil when it is not.
        var nameChange: String?
        var kernel: ObservedKernel?
        /// When the last look found nothing to do; nil when it did, or something was written since.
        var settled: Look?
        /// The revision that the network lane's last round compared with, whatever came of it.
        var lookedRevision = 0
        /// Goes up when the kernel tells of a change.
        var kernelHints = 0
        /// When the network lane put that there.
        var kernelAt: ContinuousClock.Instant?
        /// The indexes of links that were seen with our mark, by name.
        var ownLinks: [String: Int32] = [:]
        var podman: PodmanView = .unknown
        /// Containers seen to begin running since the network lane last announced them.
        var arrived: [DesiredContainer] = []
        /// DNS names of endpoints, resolved.
        var resolved: [String: [IPAddress]] = [:]
        /// Peers whose endpoint an author changed, until it stands, with the edit's number.
        var editedEndpoints: [TunnelPeer: Int] = [:]
        /// Why an image could not be pulled, by its reference.
        var pullErrors: [String: String] = [:]
        /// Why a container could not be created or started the last time, by its name.
        var startErrors: [String: String] = [:]
        var probes: [PeerKey: ProbeState] = [:]
        /// The last round's outstanding work of each lane, by lane.
        var outstanding: [LaneName: Outstanding] = [:]
        /// Why our own key cannot be used; nil when it can.
        var keyError: String?
        /// Overlays that clash with routes or addresses of this host.
        var hostConflicts = HostConflicts()
        /// What this host's policy holds, by object, with the mistakes, one a line.
        var policyViolations: [ResourceReference: String] = [:]
        /// Set by `wgctl down`: what the lanes do from then on is noted for its answer.
        var isGoingDown = false
        var teardownLines: [String] = []
        /// Lanes that remove nothing at their next look: the records are new or were lost, so history cannot tell.
        var sparing: Set<LaneName> = []
        /// Whether the inventory differs from the one on disk.
        var isInventoryUnsaved = false
        /// Why manifests are not watched as well as they could be; nil when they are.
        var degradedReason: String?
        /// Who else could write the manifests, where that is let pass; nil where nobody could, or nothing is read.
        var insecureSource: String?
        /// Why a service of the daemon does not work, by its name; it is started again and again.
        var serviceFailures: [String: String] = [:]
        /// Goes up with everything that lanes compare with, save what they observe.
        var revision = 0
        /// Goes up when the network lane observed something that the Podman lane looks at.
        var kernelRevision = 0
        /// Goes up when the Podman lane observed something that the network lane looks at.
        var podmanRevision = 0
    }

    /// The host policy as reports tell of it. Here and not asked of the controller, which is busy for as long as it
    /// judges a fleet.
    struct PolicyReport: Sendable, Equatable {
        var source = ""
        /// Why its file does not count if it does not, a line each.
        var warnings: [String] = []
        /// The keys that count in place of the manifests': pinned ones, and above them the command line's.
        var keys: [String: PublicKey] = [:]
        /// Seconds between SIGTERM and SIGKILL at most; nil: no bound.
        var stopTimeoutLimit: Int?
    }

    /// What a look at the kernel was compared with.
    struct Look: Sendable, Equatable {
        var revision: Int
        var kernelHints: Int
    }

    /// What a lane could not do yet, and why.
    struct Outstanding: Sendable, Equatable {
        var error: String?
        var failures: [Failure] = []
        var waiting: [Waiting] = []
        var conflicts: [Conflict] = []
    }

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

    struct Failure: Sendable, Equatable {
        var subject: ResourceReference
        var text: String
    }

    private let state = Mutex(State())
    let clock = HostClock()

    var snapshot: State { state.withLock { $0 } }

    /// A part of it. Whoever holds all of it makes what is changed meanwhile a copy.
    func read<Value: Sendable>(_ body: @Sendable (State) -> Value) -> Value { state.withLock { body($0) } }

    /// Changes what no lane compares with; says whether `keyPath` differs afterwards.
    func update<Value: Equatable>(_ keyPath: any WritableKeyPath<State, Value> & Sendable, to value: Value) -> Bool {
        state.withLock { state in
            guard state[keyPath: keyPath] != value else { return false }
            state[keyPath: keyPath] = value
            return true
        }
    }

    @discardableResult
    func mutate<Result: Sendable>(_ body: @Sendable (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
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
