public import ControlAPI
internal import Resources

/// What one host's daemon says of itself, in a word.
public enum HostReadiness: Hashable, Sendable {
    /// Its node, its containers and its peers work; with what is known to be out of reach, if anything is.
    case ready(note: String?)
    /// Not yet, and why.
    case waiting(String)
    /// Waiting does not help: the manifest must be edited, or the policy.
    case failed(String)

    /// - Parameter report: The daemon's own view; its first complaint is the one told.
    public init(_ report: StatusReport) {
        let report = report.sorted()
        guard let own = report.nodes.first(where: { $0.metadata.name == report.node }) else {
            // Before the first snapshot nothing is accepted yet, whatever the manifests have.
            self = .waiting(
                report.fileErrors.first ?? report.daemon.paused ?? "wgd has not accepted node \(report.node) yet")
            return
        }
        let refused: Set = [Reason.invalid, Reason.conflict]
        if let accepted = own.status.conditions.first(where: { $0.type == .accepted }), accepted.status == .false,
            refused.contains(accepted.reason)
        {
            self = .failed("\(accepted.reason): \(accepted.message)")
            return
        }
        if let held = own.status.conditions.first(where: { $0.reason == Reason.policyViolation }) {
            self = .failed("\(held.reason): \(held.message)")
            return
        }
        if let paused = report.daemon.paused {
            self = .waiting(paused)
            return
        }
        for container in report.containers where container.isLocal {
            if let reason = Self.complaint(container.conditions) {
                self = .waiting("container \(container.name): \(reason)")
                return
            }
        }
        let unreachable = report.peers.filter { $0.reason == Reason.noPath }
        if let peer = report.peers.first(where: { $0.ready != .true && $0.reason != Reason.noPath }) {
            self = .waiting("peer \(peer.node) in \(peer.overlay): \(peer.reason)")
            return
        }
        if let reason = Self.complaint(own.status.conditions) {
            self = .waiting(reason)
            return
        }
        let names = Set(unreachable.map(\.node)).sorted().joined(separator: ", ")
        self = .ready(note: names.isEmpty ? nil : "no path to \(names): neither has an endpoint")
    }

    /// Why the conditions do not say Ready; nil when they do.
    private static func complaint(_ conditions: [Condition]) -> String? {
        guard let ready = conditions.first(where: { $0.type == .ready }) else { return Reason.pending }
        if ready.status == .true { return nil }
        // What is not programmed cannot be ready: the earlier condition names the cause.
        let cause = conditions.first { $0.type == .programmed && $0.status == .false } ?? ready
        return cause.message.isEmpty ? cause.reason : "\(cause.reason): \(cause.message)"
    }
}
