internal import Convergence
internal import Foundation
internal import HostState
internal import Reconciler
internal import WireGuard

/// Reads the WireGuard devices for all callers together, at most once a second: a dump of 10,000 peers takes 100 ms,
/// during which the device does nothing else.
actor DeviceReadings {
    struct Reading: Sendable {
        var takenAt: Date
        var startedAt: ContinuousClock.Instant
        var devices: [String: Result<ObservedDevice, WireGuardError>]
    }

    static let interval: Duration = .seconds(1)

    private let read: @Sendable () async -> [String: Result<ObservedDevice, WireGuardError>]
    private var last: Reading?
    private var running: Task<Reading, Never>?

    /// - Parameter read: reads all devices, by interface.
    init(_ read: @escaping @Sendable () async -> [String: Result<ObservedDevice, WireGuardError>]) { self.read = read }

    /// A reading in progress, or one that began within the last second.
    func reading() async -> Reading {
        if let running { return await running.value }
        if let last, ContinuousClock.now - last.startedAt < Self.interval { return last }
        let task = Task { [read] in
            let (takenAt, startedAt) = (Date(), ContinuousClock.now)
            return Reading(takenAt: takenAt, startedAt: startedAt, devices: await read())
        }
        running = task
        let reading = await task.value
        last = reading
        running = nil
        return reading
    }

    /// The facts with the devices as read: the kernel notifies nobody of handshakes and traffic.
    func state(of board: FactBoard) async -> Facts {
        let reading = await reading()
        var state = board.facts
        // The network lane has observed since then: its observation is newer.
        if let seen = state[KernelObservation.self].observedAt, seen > reading.startedAt { return state }
        for (interface, device) in reading.devices {
            if case .success(let device) = device { state.kernel?.devices[interface] = device }
        }
        return state
    }
}
