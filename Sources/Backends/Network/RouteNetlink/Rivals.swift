internal import Descriptors
internal import HostState
internal import NetworkState
internal import Synchronization

/// Remembers who last changed each of our objects.
///
/// A port id names a process only while its socket is open, so it is looked up at once. A search through all processes
/// is expensive, so searches are rare and short.
final class Rivals: Sendable {
    /// How long a rival is remembered, and how long a port id is assumed to belong to the same process.
    private static let memory = Duration.seconds(60)
    private static let portMemory = Duration.seconds(2)
    private static let lookupsPerSecond = 4
    private static let lookupLimit = Duration.milliseconds(50)
    private static let maximumObjects = 4096

    private struct Sighting {
        var rival: Rival
        var at: ContinuousClock.Instant
    }

    private struct State {
        var objects: [KernelObject: Sighting] = [:]
        var ports: [UInt32: Sighting] = [:]
        var lookups: [ContinuousClock.Instant] = []
    }

    private let owners: NetlinkOwners
    private let state = Mutex(State())

    /// In the network namespace of the calling thread.
    init() throws(SystemError) { owners = try NetlinkOwners() }

    /// Records a change by somebody else.
    ///
    /// - Parameters:
    ///   - port: of the socket that sent the request; 0 when the kernel does not report it, or made the change itself.
    ///   - routeProtocol: of a foreign route that is now in our route's place.
    func note(_ object: KernelObject, port: UInt32, routeProtocol: UInt8?, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            var rival = port == 0 ? nil : self.rival(atPort: port, now, &state)
            if let routeProtocol {
                if case .process? = rival {} else { rival = .routing(protocolNumber: routeProtocol) }
            }
            guard let rival else { return }
            if state.objects.count >= Rivals.maximumObjects {
                state.objects = state.objects.filter { now - $0.value.at <= Rivals.memory }
                guard state.objects.count < Rivals.maximumObjects else { return }
            }
            state.objects[object] = Sighting(rival: rival, at: now)
        }
    }

    /// Who changed it within the last minute; nil when that is not known.
    func rival(of object: KernelObject, at now: ContinuousClock.Instant = .now) -> Rival? {
        state.withLock { state in
            state.objects[object].flatMap { now - $0.at <= Rivals.memory ? $0.rival : nil }
        }
    }

    private func rival(atPort port: UInt32, _ now: ContinuousClock.Instant, _ state: inout State) -> Rival? {
        state.ports = state.ports.filter { now - $0.value.at <= Rivals.portMemory }
        if let known = state.ports[port] { return known.rival }
        state.lookups.removeAll { now - $0 > .seconds(1) }
        guard state.lookups.count < Rivals.lookupsPerSecond else { return nil }
        state.lookups.append(now)
        let rival = owners.owner(ofPort: port, within: Rivals.lookupLimit)
        state.ports[port] = Sighting(rival: rival, at: now)
        return rival
    }
}
