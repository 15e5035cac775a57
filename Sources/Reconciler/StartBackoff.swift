public import HostState

/// Keeps a container that exits again and again from being started in every round, as Kubernetes' kubelet does.
///
/// The first start after an exit is immediate; each further one waits 10 s, 20 s, 40 s … 5 min after the exit was seen.
/// Ten minutes without an exit forgive everything. Each container waits for itself alone. Pure: time is an argument.
public struct StartBackoff: Sendable {
    /// The longest pause.
    public static let ceiling = Duration.seconds(300)
    /// How long a container has to run to be forgiven.
    public static let forgiveness = Duration.seconds(600)

    private struct Entry {
        var starts = 0
        var startedAt: ContinuousClock.Instant
        /// When it was first seen to need a start again.
        var exitedAt: ContinuousClock.Instant?

        /// The first start is immediate.
        var pause: Duration {
            starts == 0 ? .zero : min(StartBackoff.ceiling, .seconds(10 << min(starts - 1, 10)))
        }
    }

    private var entries: [String: Entry] = [:]

    public init() {}

    /// When the next start that is held back may go; nil when none is.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Holds back the starts that come too early; every other change stays where it is.
    ///
    /// - Parameter desired: the names of the containers that are wanted: others are forgotten.
    public mutating func hold(
        _ changeSet: ChangeSet, desired: Set<String>, at now: ContinuousClock.Instant
    ) -> ChangeSet {
        entries = entries.filter { desired.contains($0.key) }
        nextDue = nil
        var result = changeSet
        result.changes = []
        for change in changeSet.changes {
            guard case .podman(.startContainer(let container, _)) = change, let reason = wait(container.name, now)
            else {
                result.changes.append(change)
                continue
            }
            result.held.append(HeldChange(change, reason: reason))
        }
        return result
    }

    /// Takes note of a start, whatever became of it.
    ///
    /// - Parameter isFirst: the container was created just now, so no exit came before.
    public mutating func started(_ container: String, isFirst: Bool = false, at now: ContinuousClock.Instant) {
        let starts = isFirst ? 0 : (entries[container]?.starts ?? 0) + 1
        entries[container] = Entry(starts: starts, startedAt: now)
    }

    /// Why the start has to wait; nil when it may go. The text stays the same for as long as it waits.
    private mutating func wait(_ container: String, _ now: ContinuousClock.Instant) -> String? {
        guard var entry = entries[container] else { return nil }
        let exitedAt = entry.exitedAt ?? now
        entry.exitedAt = exitedAt
        if exitedAt - entry.startedAt >= StartBackoff.forgiveness { entry.starts = 0 }
        entries[container] = entry
        let due = exitedAt + entry.pause
        guard due > now else { return nil }
        nextDue = min(nextDue ?? due, due)
        return "back-off: it exited after each of \(entry.starts + 1) starts, "
            + "and starts again \(entry.pause.components.seconds) s after its last exit"
    }
}
