internal import HostState

/// Runs the health checks of our running containers at their intervals, for hosts without systemd: elsewhere Podman has
/// its timers. As there, the first check runs at once, and each further one an interval after the end of the last.
///
/// A container has at most one check in progress. At most `width` run side by side; one that takes longer than its
/// timeout makes room for another. Podman does not end such a check, so it is reported until it ends.
actor HealthChecks {
    static let width = 4

    struct Target: Hashable, Sendable {
        var name: String
        var id: String
        /// Another run of the container is checked from its beginning.
        var startedAt: Int64
        var check: ObservedContainer.HealthCheck
    }

    /// Runs a check to its end; returns Podman's status after it.
    private let check: @Sendable (Target) async throws -> String?
    private var targets: Set<Target> = []
    private var tasks: [Target: Task<Void, Never>] = [:]
    private var statuses: [Target: String] = [:]
    /// nil while nothing is to be checked.
    private var wake: (@Sendable (String) -> Void)?
    private var room = HealthChecks.width
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// The ids of the containers whose check has taken longer than its timeout.
    private(set) var overdue: Set<String> = []

    init(_ check: @escaping @Sendable (Target) async throws -> String?) { self.check = check }

    /// Checks what `follow` names until cancelled.
    ///
    /// - Parameter wake: called when a status may have changed, with the cause.
    func run(_ wake: @escaping @Sendable (String) -> Void) async {
        self.wake = wake
        follow(targets)
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        self.wake = nil
        follow([])
    }

    /// Follows the running containers of ours that have a health check.
    func follow(_ podman: ObservedPodman, of inventory: Inventory) {
        let names = inventory.containerNames
        follow(
            Set(
                podman.containers.values.compactMap { container in
                    guard container.state == .running, let check = container.healthCheck, let name = names[container.id]
                    else { return nil }
                    return Target(name: name, id: container.id, startedAt: container.startedAt, check: check)
                }))
    }

    func follow(_ targets: Set<Target>) {
        self.targets = targets
        for (target, task) in tasks where !targets.contains(target) {
            task.cancel()
            tasks[target] = nil
            statuses[target] = nil
            overdue.remove(target.id)
        }
        guard wake != nil else { return }
        for target in targets where tasks[target] == nil {
            tasks[target] = Task { [weak self] in
                while !Task.isCancelled {
                    await self?.checkOnce(target)
                    try? await Task.sleep(for: target.check.interval)
                }
            }
        }
    }

    private func checkOnce(_ target: Target) async {
        await enter()
        guard tasks[target] != nil else { return leaveRoom() }
        let leave = Task {
            do { try await Task.sleep(for: target.check.timeout) } catch { return leaveRoom() }
            leaveRoom()
            guard tasks[target] != nil else { return }
            overdue.insert(target.id)
            wake?("the health check of container \(target.name) takes longer than its timeout")
        }
        // Podman counts a check that takes too long, too. One that Podman did not run is due again after the interval.
        let status = try? await check(target)
        leave.cancel()
        await leave.value
        guard tasks[target] != nil else { return }
        let wasOverdue = overdue.remove(target.id) != nil
        guard wasOverdue || status == nil || status != statuses[target] else { return }
        statuses[target] = status
        wake?("the health check of container \(target.name) has ended")
    }

    private func enter() async {
        guard room == 0 else {
            room -= 1
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    /// The next check takes over the slot directly.
    private func leaveRoom() {
        if queue.isEmpty { room += 1 } else { queue.removeFirst().resume() }
    }
}
