public import Convergence
public import HostState

/// Limits how often a container that exits continuously, or that cannot be created or started, is retried, as
/// Kubernetes' kubelet does.
///
/// A container that has just ended is left alone for `moment`: `podman restart` starts it itself, and so does Podman
/// with the containers of earlier releases, and two concurrent starts leave it without a network. The first start after
/// that is immediate; each further one waits 10 s, 20 s, 40 s … 5 min after the exit was seen. Ten minutes without an
/// exit reset everything. A failed creation is retried after 2 s, 4 s, 8 s … 5 min. Each container waits only for
/// itself. Pure: time is an argument.
public struct StartBackoff: Sendable {
    /// The longest pause.
    public static let ceiling = Duration.seconds(300)
    /// How long a container has to run for its back-off to be reset.
    public static let forgiveness = Duration.seconds(600)

    /// How long a container that has just ended is left to a restart by others.
    public static let moment = Duration.seconds(2)
    /// Why such a container waits.
    public static let momentReason = "it has just ended: waiting a moment, in case podman restart is at work"

    /// The first word of every other reason to wait that comes from here.
    public static let mark = "back-off:"

    private struct Entry {
        var starts = 0
        /// Podman's message, when the last start failed.
        var error: String?
        var startedAt: ContinuousClock.Instant
        /// When it was first seen to need a start again.
        var exitedAt: ContinuousClock.Instant?
        /// Whether it was stopped because Podman restarted it continuously.
        var isHalted = false

        /// The first start is immediate.
        var pause: Duration {
            starts == 0 ? .zero : min(StartBackoff.ceiling, .seconds(10 << min(starts - 1, 10)))
        }
    }

    /// A container that could not be created.
    private struct Failure {
        /// Podman's message.
        var error: String
        /// The desired container at that time: an edit is tried at once.
        var specHash: String
        var count: Int
        var lastAt: ContinuousClock.Instant

        var pause: Duration { min(StartBackoff.ceiling, .seconds(1 << min(count, 10))) }
    }

    private var entries: [String: Entry] = [:]
    private var failures: [String: Failure] = [:]
    /// When containers were first seen to have ended, by name.
    private var ended: [String: ContinuousClock.Instant] = [:]
    private var podmanRestarts = PodmanRestarts()

    public init() {}

    /// Why containers could not be created or started the last time, by name: Podman's messages.
    public var errors: [String: String] {
        failures.mapValues(\.error).merging(entries.compactMapValues(\.error)) { _, started in started }
    }

    /// When the next postponed start becomes due; nil when there is none.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Postpones starts that come too early; every other change keeps its place.
    ///
    /// - Parameters:
    ///   - desired: the names of the desired containers: others are forgotten.
    ///   - justEnded: those that ended less than `moment` ago, or may have.
    public mutating func postpone(
        _ changeSet: ChangeSet<PodmanChange>, desired: Set<String>, justEnded: Set<String> = [],
        at now: ContinuousClock.Instant
    ) -> ChangeSet<PodmanChange> {
        let waiting = Set(
            changeSet.changes.compactMap { change in
                if case .startContainer(let container, _) = change { container.name } else { nil }
            })
        ended = ended.filter { waiting.contains($0.key) }
        for name in waiting.intersection(justEnded) where ended[name] == nil { ended[name] = now }
        entries = entries.filter { desired.contains($0.key) }
        failures = failures.filter { desired.contains($0.key) }
        forgetErrors(butOf: changeSet, now)
        nextDue = nil
        var reasons: [String: String] = [:]
        // Replacements are already waiting: the removals of their predecessors wait with them.
        for change in changeSet.changes + changeSet.waiting.map(\.change) {
            switch change {
            case .startContainer(let container, _):
                reasons[container.name] = wait(container.name, now) ?? waitAMoment(container.name, now)
            case .createContainer(let container):
                // The start of the container before it has a reason of its own.
                if let reason = waitAfterFailure(container, now) { reasons[container.name] = reason }
            default: break
            }
        }
        var result = changeSet
        result.changes = []
        for change in changeSet.changes {
            if let name = StartBackoff.container(of: change), let reason = reasons[name] {
                result.waiting.append(WaitingChange(change, reason: reason))
            } else {
                result.changes.append(change)
            }
        }
        return result
    }

    /// A container that needs no start and no creation any more was started by an operator or Podman.
    private mutating func forgetErrors(butOf changeSet: ChangeSet<PodmanChange>, _ now: ContinuousClock.Instant) {
        let lacking = Set(
            (changeSet.changes + changeSet.waiting.map(\.change)).compactMap { change in
                // A pull and a removal come before a creation.
                switch change {
                case .pullImage(let container): container.name
                default: StartBackoff.container(of: change)
                }
            })
        for (name, entry) in entries where !lacking.contains(name) {
            entries[name]?.error = nil
            // Somebody else started it: what came before counts only if it ends soon.
            guard entry.exitedAt != nil else { continue }
            entries[name]?.exitedAt = nil
            entries[name]?.startedAt = now
            entries[name]?.isHalted = false
        }
        failures = failures.filter { lacking.contains($0.key) }
    }

    private static func container(of change: PodmanChange) -> String? {
        switch change {
        case .startContainer(let container, _), .createContainer(let container): container.name
        case .removeContainer(let name, _, _): name
        default: nil
        }
    }

    /// Records that a container could not be created.
    ///
    /// - Parameter error: Podman's message.
    public mutating func failed(
        toCreate container: DesiredContainer, _ error: String = "", at now: ContinuousClock.Instant
    ) {
        let before = failures[container.name].flatMap { $0.specHash == container.specHash ? $0.count : nil } ?? 0
        failures[container.name] = Failure(
            error: error, specHash: container.specHash, count: before + 1, lastAt: now)
    }

    /// Why the creation has to wait; nil when it need not.
    private mutating func waitAfterFailure(_ container: DesiredContainer, _ now: ContinuousClock.Instant) -> String? {
        guard let failure = failures[container.name], failure.specHash == container.specHash else { return nil }
        let due = failure.lastAt + failure.pause
        guard due > now else { return nil }
        nextDue = min(nextDue ?? due, due)
        return
            "\(StartBackoff.mark) it could not be created \(failure.count == 1 ? "once" : "\(failure.count) times"), "
            + "and is tried again \(failure.pause.components.seconds) s after the last time"
    }

    /// Records a start, whatever its result.
    ///
    /// - Parameters:
    ///   - isFirst: the container was created just now, so no exit came before.
    ///   - error: Podman's message; nil when it was started.
    public mutating func started(
        _ container: String, isFirst: Bool = false, error: String? = nil, at now: ContinuousClock.Instant
    ) {
        if isFirst || error == nil { failures[container] = nil }
        let starts = isFirst ? 0 : (entries[container]?.starts ?? 0) + 1
        entries[container] = Entry(starts: starts, error: error, startedAt: now)
    }

    /// Counts Podman's own restarts.
    ///
    /// - Parameter containers: those that Podman restarts, by name.
    public mutating func observe(
        restartedByPodman containers: [String: ObservedContainer], at now: ContinuousClock.Instant
    ) {
        podmanRestarts.observe(containers, at: now)
    }

    /// The names of the containers that Podman restarts continuously.
    public var looping: Set<String> { podmanRestarts.looping }

    /// Records that such a container was stopped: it is started after the next pause.
    public mutating func halted(_ container: String, at now: ContinuousClock.Instant) {
        let starts = max(entries[container]?.starts ?? 0, 1)
        entries[container] = Entry(starts: starts, startedAt: now, isHalted: true)
    }

    /// Why the start of a container that has just ended has to wait; nil when it need not.
    private mutating func waitAMoment(_ container: String, _ now: ContinuousClock.Instant) -> String? {
        guard let due = ended[container].map({ $0 + StartBackoff.moment }), due > now else { return nil }
        nextDue = min(nextDue ?? due, due)
        return StartBackoff.momentReason
    }

    /// Why the start has to wait; nil when it need not. The text stays the same for as long as it waits.
    private mutating func wait(_ container: String, _ now: ContinuousClock.Instant) -> String? {
        guard var entry = entries[container] else { return nil }
        let exitedAt = entry.exitedAt ?? now
        entry.exitedAt = exitedAt
        if exitedAt - entry.startedAt >= StartBackoff.forgiveness { entry.starts = 0 }
        entries[container] = entry
        let due = exitedAt + entry.pause
        guard due > now else { return nil }
        nextDue = min(nextDue ?? due, due)
        let pause = "\(entry.pause.components.seconds) s"
        if entry.error != nil {
            return
                "\(StartBackoff.mark) it could not be started \(entry.starts == 1 ? "once" : "\(entry.starts) times"), "
                + "and is tried again \(pause) after the last time"
        }
        if entry.isHalted {
            return
                "\(StartBackoff.mark) it exited continuously while Podman restarted it, so it was stopped, and starts again "
                + "\(pause) after that"
        }
        return
            "\(StartBackoff.mark) it exited after each of \(entry.starts + 1) starts, and starts again \(pause) after its last "
            + "exit"
    }
}
