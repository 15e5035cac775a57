internal import ControlAPI
internal import Convergence
internal import Foundation
internal import HostState
internal import Resources

/// Turns the daemon's facts into the summary and the counts, without building the whole report. Pure.
struct SummaryBuilder: Sendable {
    let state: Facts
    let localNode: String

    /// Equal to the summary of the whole report, commit apart.
    ///
    /// - Parameter conditions: by object, as recorded.
    func summary(
        daemon: DaemonStatus, counters: Counters, conditions: [ResourceReference: [Condition]]
    ) -> StatusSummary {
        let refused = state.accepted.acceptances.filter { $0.status == .false && $0.reason != Reason.pruneBlocked }
        var summary = StatusSummary(
            node: localNode, daemon: daemon, fileErrors: state.accepted.fileErrors.map(\.message).sorted(),
            refused: [Kind.node, .overlay, .gateway].flatMap { kind in
                refused.filter { $0.key.kind == kind }.map {
                    .init(key: $0.key, message: $0.message, reason: $0.reason)
                }
            },
            counters: counters)
        let assessment = Assessment(state: state, localNode: localNode)
        summary.peers = .init(
            state.desired.kernel.devices.flatMap { device in
                device.peers.map { assessment.readiness(of: $0, in: device.overlay).status }
            })
        let own = state.accepted.live.node(localNode)?.spec.containers ?? []
        summary.containers = .init(
            own.map { container in
                conditions[.container(container.name)]?.first { $0.type == .ready }?.status ?? .unknown
            })
        return summary
    }

    /// - Parameter conditions: by object, as recorded.
    func metrics(_ summary: StatusSummary, conditions: [ResourceReference: [Condition]]) -> HostMetrics {
        var resources: [HostMetrics.Group: Int] = [:]
        func count(_ kind: String, _ object: ResourceReference) {
            let ready = conditions[object]?.first { $0.type == .ready }?.status
            resources[.init(kind: kind, ready: ready ?? .unknown), default: 0] += 1
        }
        for acceptance in state.accepted.acceptances { count(acceptance.key.kind.rawValue, acceptance.key.reference) }
        for node in state.accepted.live.nodes where node.metadata.name == localNode {
            for container in node.spec.containers { count("Container", .container(container.name)) }
        }
        return HostMetrics(summary: summary, resources: resources, peers: peers(), containers: containers())
    }

    private func peers() -> [HostMetrics.Peer] {
        let assessment = Assessment(state: state, localNode: localNode)
        return state.desired.kernel.devices.flatMap { device in
            let devicePeers = state.kernel?.devices[device.interface]?.peers
            return device.peers.map { peer in
                let live = devicePeers?[peer.publicKey]
                var metrics = HostMetrics.Peer(
                    node: peer.node, overlay: device.overlay, receivedBytes: live?.receivedBytes ?? 0,
                    transmittedBytes: live?.transmittedBytes ?? 0)
                metrics.ready = assessment.readiness(of: peer, in: device.overlay).status
                metrics.latestHandshake = live.flatMap { $0.latestHandshake > 0 ? $0.latestHandshake : nil }
                guard let probe = state.probes[PeerKey(overlay: device.overlay, node: peer.node)] else {
                    return metrics
                }
                metrics.roundTrip = probe.roundTrip
                metrics.lastProbe = probe.time?.timeIntervalSince1970
                (metrics.probes, metrics.lostProbes) = (probe.sent, probe.lost)
                return metrics
            }
        }.sorted { ($0.overlay, $0.node) < ($1.overlay, $1.node) }
    }

    private func containers() -> [HostMetrics.Container] {
        let own = state.accepted.live.nodes.first { $0.metadata.name == localNode }
        return (own?.spec.containers ?? []).compactMap { container in
            state.container(container.name).map {
                .init(name: container.name, restarts: state.restarts(of: $0, container.name))
            }
        }.sorted { $0.name < $1.name }
    }
}
