internal import Synchronization

/// Who is woken by what. Filled once while the daemon is wired, before anything runs.
final class Signals: Sendable {
    private struct Listeners {
        var network: @Sendable (String) -> Void = { _ in }
        var podman: @Sendable (String) -> Void = { _ in }
        var peers: @Sendable () -> Void = {}
        var names: @Sendable () -> Void = {}
    }

    private let listeners = Mutex(Listeners())

    func connect(
        network: @escaping @Sendable (String) -> Void, podman: @escaping @Sendable (String) -> Void,
        peers: @escaping @Sendable () -> Void, names: @escaping @Sendable () -> Void
    ) {
        listeners.withLock { $0 = Listeners(network: network, podman: podman, peers: peers, names: names) }
    }

    /// What is wanted has changed.
    func desiredChanged() {
        let listeners = listeners.withLock { $0 }
        listeners.network("manifests")
        listeners.podman("manifests")
        listeners.names()
    }

    /// The network lane saw something that the Podman lane waits for.
    func networkObserved() { listeners.withLock { $0.podman }("network") }

    /// The Podman lane saw something that the network lane waits for.
    func podmanObserved() { listeners.withLock { $0.network }("podman") }

    /// Peers were programmed, or their counters read again.
    func peersObserved() { listeners.withLock { $0.peers }() }

    /// Endpoint names have new addresses.
    func namesResolved() { listeners.withLock { $0.network }("names") }
}
