public import Foundation
public import NetAddress
public import Resources

/// What the daemon offers over its control socket.
public protocol ControlProvider: Sendable {
    /// A page of objects, in the order of their keys.
    ///
    /// - Throws: why it cannot be read.
    func objects(_ query: ObjectQuery) async throws -> ObjectPage

    /// What `wgctl status` shows. An operator asks for it when something is slow: it waits for no WireGuard device, and
    /// for nobody who judges manifests.
    func summary() async -> StatusSummary

    func metrics() async -> HostMetrics

    /// Events of one object (`node/host-a`), or of all, the oldest first.
    ///
    /// - Parameter since: only those that happened then or later.
    func events(for object: String?, since: Date?) async throws -> [Event]

    /// One element when the report or the events may have changed; a `Broadcast` makes such streams.
    func changes() -> AsyncStream<Void>

    /// Looks at everything again now.
    func resync() async

    /// Takes away everything that is ours.
    ///
    /// - Returns: a line for each thing removed.
    func down() async throws -> [String]

    /// What this host would change now; changes nothing.
    func diff(_ request: DiffRequest) async throws -> DiffReport

    /// Deletions that wait for an operator's word.
    func heldDeletions() async -> HeldDeletions

    /// Lets deletions go.
    ///
    /// - Throws: why not, when these are not what is held.
    func prune(_ deletions: [Deletion]) async throws

    /// Hands what this host has as one Node over to another.
    ///
    /// - Parameter new: nil for the Node with this host's public key, else the one called as this host.
    /// - Returns: the Node that this host serves from now on.
    /// - Throws: why not.
    func adopt(from old: String, to new: String?) async throws -> String

    /// Every path that begins on this host.
    func paths() async -> PathList

    /// The counters of every peer, read within the last second.
    func traffic() async -> TrafficReport

    /// This host's public key; nil when it has none.
    func publicKey() async -> PublicKey?
}
