internal import NetworkState
internal import HostState
internal import Synchronization

/// Who is woken by what. Filled once while the daemon is wired, before anything runs.
final class Signals: Sendable {
    private struct Listeners {
        var network: @Sendable (String, _ isPressing: Bool) -> Void = { _, _ in }
        var podman: @Sendable (String, _ isPressing: Bool) -> Void = { _, _ in }
        var firewall: @Sendable (String, _ isPressing: Bool) -> Void = { _, _ in }
        var names: @Sendable () -> Void = {}
        var part: @Sendable (KernelScope) async -> Void = { _ in }
    }

    private let listeners = Mutex(Listeners())

    func connect(
        network: @escaping @Sendable (String, _ isPressing: Bool) -> Void,
        podman: @escaping @Sendable (String, _ isPressing: Bool) -> Void,
        firewall: @escaping @Sendable (String, _ isPressing: Bool) -> Void,
        names: @escaping @Sendable () -> Void, part: @escaping @Sendable (KernelScope) async -> Void
    ) {
        listeners.withLock {
            $0 = Listeners(network: network, podman: podman, firewall: firewall, names: names, part: part)
        }
    }

    /// A part of what is wanted has changed. Returns when the kernel has it, if that takes no look.
    func partChanged(_ scope: KernelScope) async { await listeners.withLock { $0.part }(scope) }

    /// What is wanted has changed.
    func desiredChanged() {
        let listeners = listeners.withLock { $0 }
        listeners.network("manifests", true)
        listeners.podman("manifests", true)
        listeners.firewall("manifests", true)
        listeners.names()
    }

    /// The network lane saw something that the Podman lane waits for.
    func networkObserved() { listeners.withLock { $0.podman }("network", false) }

    /// The Podman lane saw something that the other lanes wait for.
    func podmanObserved() {
        let listeners = listeners.withLock { $0 }
        listeners.network("podman", false)
        listeners.firewall("podman", false)
    }
}
