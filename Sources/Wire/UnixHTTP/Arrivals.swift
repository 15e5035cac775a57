internal import NIOCore
internal import Synchronization

/// Connections that were accepted and that nobody has taken yet: a server that stops closes them.
final class Arrivals: Sendable {
    private struct State {
        var waiting: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let isLate = state.withLock { state in
            if !state.isClosed { state.waiting[ObjectIdentifier(channel)] = channel }
            return state.isClosed
        }
        if isLate { channel.close(promise: nil) }
    }

    func take(_ channel: any Channel) { state.withLock { $0.waiting[ObjectIdentifier(channel)] = nil } }

    func closeAll() {
        let waiting = state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.waiting.values.map { $0 }
        }
        for channel in waiting { channel.close(promise: nil) }
    }
}
