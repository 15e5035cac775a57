internal import Foundation
internal import HostState
internal import WireGuard

/// Reads the WireGuard devices for whoever asks, at most once a second however many ask: a dump of 10,000 peers takes
/// 100 ms, in which the device does nothing else.
actor DeviceReadings {
    struct Reading: Sendable {
        var takenAt: Date
        var devices: [String: Result<ObservedDevice, WireGuardError>]
    }

    static let interval: Duration = .seconds(1)

    private let read: @Sendable () async -> [String: Result<ObservedDevice, WireGuardError>]
    private var last: (reading: Reading, startedAt: ContinuousClock.Instant)?
    private var running: Task<Reading, Never>?

    /// - Parameter read: reads all devices, by interface.
    init(_ read: @escaping @Sendable () async -> [String: Result<ObservedDevice, WireGuardError>]) { self.read = read }

    /// A reading that began within the last second.
    func reading() async -> Reading {
        if let running { return await running.value }
        if let last, ContinuousClock.now - last.startedAt < Self.interval { return last.reading }
        let startedAt = ContinuousClock.now
        let task = Task { [read] in
            let takenAt = Date()
            return Reading(takenAt: takenAt, devices: await read())
        }
        running = task
        let reading = await task.value
        last = (reading, startedAt)
        running = nil
        return reading
    }
}
