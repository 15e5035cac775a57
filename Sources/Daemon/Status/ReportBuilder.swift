internal import ControlAPI
internal import Convergence
internal import Foundation
internal import HostState
internal import NetAddress
internal import Resources

/// Turns the daemon's facts into the report that wgctl shows. Pure.
struct ReportBuilder: Sendable {
    let state: Facts
    let localNode: String
    let conditions: [ResourceReference: [Condition]]
    let ownPublicKey: PublicKey?
    /// Whether resources come with labels and specs: the records have them already.
    var isWithSpecs = true

    /// All of it at once, for the records. `wgctl` reads pages of `entries`.
    func report(daemon: DaemonStatus, counters: Counters) -> StatusReport {
        StatusReport(
            node: localNode, daemon: daemon, nodes: resources(.node).map { $0.make() },
            overlays: resources(.overlay).map { $0.make() }, gateways: resources(.gateway).map { $0.make() },
            containers: containers().map { $0.make() }, peers: peers().map { $0.make() },
            routes: routes().map { $0.make() }, fileErrors: state.accepted.fileErrors.map(\.message),
            counters: counters
        ).sorted()
    }

    /// The objects of a kind by key, each made when it is asked for. Events are in the records.
    func entries(_ kind: ListedKind) -> [ObjectEntry] {
        switch kind {
        case .nodes: resources(.node).map { $0.listed(ListedObject.resource) }
        case .overlays: resources(.overlay).map { $0.listed(ListedObject.resource) }
        case .gateways: resources(.gateway).map { $0.listed(ListedObject.resource) }
        case .containers: containers().map { $0.listed(ListedObject.container) }
        case .peers: peers().map { entry in entry.listed { .peer($0, labels: labels(of: $0.node)) } }
        case .routes: routes().map { entry in entry.listed { .route($0, labels: labels(of: $0.node)) } }
        case .events: []
        }
    }

    /// A report that is made when it is asked for, with what tells its place.
    private struct Entry<Report> {
        var key: ObjectKey
        var names: [String]
        var make: () -> Report

        func listed(_ object: @escaping (Report) -> ListedObject) -> ObjectEntry {
            ObjectEntry(key: key, names: names) { [make] in object(make()) }
        }
    }

    private func labels(of node: String) -> [String: String] { state.accepted.live.node(node)?.metadata.labels ?? [:] }

    private func resources(_ kind: Kind) -> [Entry<ResourceReport>] {
        state.accepted.acceptances.filter { $0.key.kind == kind }.map { acceptance in
            Entry(key: .init(acceptance.key.name), names: [acceptance.key.name]) { resource(acceptance) }
        }
    }

    private func resource(_ acceptance: Acceptance) -> ResourceReport {
        let (kind, name) = (acceptance.key.kind, acceptance.key.name)
        let isLocal = kind == .node ? name == localNode : nil
        var publicKey: PublicKey?
        if kind == .node {
            publicKey = state.policy.keys[name] ?? state.accepted.live.node(name)?.spec.publicKey
            if name == localNode, publicKey == nil { publicKey = ownPublicKey }
        }
        var report = ResourceReport(
            acceptance, isWithSpec: isWithSpecs,
            conditions: conditions[acceptance.key.reference] ?? [],
            creationTimestamp: state.creationTimestamps[acceptance.key], isLocal: isLocal, publicKey: publicKey)
        if kind == .overlay {
            report.status.backend = backend(of: name)
            report.status.madeAs = state.identities.overlays[name]
        }
        if isLocal == true { report.status.madeAs = state.identities.node }
        return report
    }

    /// In the manifests' spelling.
    private func backend(of overlay: String) -> String? {
        guard let interface = state.desired.kernel.devices.first(where: { $0.overlay == overlay })?.interface,
            let device = state.kernel?.devices[interface]
        else { return nil }
        return device.backend == .kernel ? "Kernel" : "Userspace"
    }

    private func containers() -> [Entry<ContainerReport>] {
        let listed = state.accepted.live.nodes.flatMap { node in
            node.spec.containers.map { container in
                entry(of: container.name, on: node.metadata.name) { report(on: container, of: node.metadata.name) }
            }
        }
        let departing = departing().map { container in entry(of: container.name, on: localNode) { container } }
        return (listed + departing).sorted { $0.key < $1.key }
    }

    private func entry(
        of container: String, on node: String, make: @escaping () -> ContainerReport
    ) -> Entry<ContainerReport> {
        Entry(key: .init(node, container), names: [container, "\(node)/\(container)"], make: make)
    }

    /// The containers that are being removed and that no manifest of this host contains any more.
    private func departing() -> [ContainerReport] {
        guard case .observed(let podman) = state.podman else { return [] }
        let own = state.accepted.live.nodes.first { $0.metadata.name == localNode }
        let wanted = Set(own?.spec.containers.map(\.name) ?? [])
        return podman.containers.values.compactMap { container in
            guard let removal = podman.removals[container.id], !wanted.contains(removal.name) else { return nil }
            var report = ContainerReport(
                name: removal.name, node: localNode, image: container.image, addresses: container.addresses.sorted(),
                isLocal: true, state: ReportBuilder.terminating, restarts: state.restarts(of: container, removal.name),
                terminationSeconds: removal.timeout)
            report.conditions = [
                Condition(
                    type: .ready, status: .false, reason: Reason.terminating, message: Assessment.text(of: removal),
                    lastTransitionTime: Date(timeIntervalSince1970: TimeInterval(began(removal.name))),
                    observedGeneration: 0)
            ]
            return report
        }
    }

    private static let terminating = "terminating"

    /// Seconds since the epoch when the removal of a container began; 0 when unknown.
    private func began(_ name: String) -> Int64 { state.inventory.containers[name]?.removalBegan ?? 0 }

    private func report(on container: Container, of node: String) -> ContainerReport {
        var report = ContainerReport(
            name: container.name, node: node, labels: container.labels, image: container.image,
            overlays: container.networks.map(\.overlay), addresses: container.networks.flatMap(\.addresses),
            isLocal: node == localNode)
        guard report.isLocal else { return report }
        report.conditions = conditions[.container(container.name)] ?? []
        guard case .observed(let podman) = state.podman else { return report }
        let found = state.container(container.name)
        report.terminationSeconds = found.flatMap { podman.removals[$0.id]?.timeout }
        report.state =
            report.terminationSeconds.map { _ in ReportBuilder.terminating }
            ?? found?.state.rawValue ?? (podman.pulling.contains(container.image) ? "pulling" : "absent")
        report.restarts = found.map { state.restarts(of: $0, container.name) }
        if let started = found?.startedAt, started > 0 {
            report.startedAt = Date(timeIntervalSince1970: TimeInterval(started))
        }
        return report
    }

    private func peers() -> [Entry<PeerReport>] {
        let assessment = Assessment(state: state, localNode: localNode)
        return state.desired.kernel.devices.flatMap { device in
            device.peers.map { peer in
                Entry(
                    key: .init(device.overlay, peer.node, "\(peer.publicKey)"),
                    names: [peer.node, "\(device.overlay)/\(peer.node)"]
                ) {
                    report(on: peer, in: device, assessment)
                }
            }
        }.sorted { $0.key < $1.key }
    }

    private func report(on peer: DesiredPeer, in device: DesiredDevice, _ assessment: Assessment) -> PeerReport {
        let live = state.kernel?.devices[device.interface]?.peers[peer.publicKey]
        let ready = assessment.readiness(of: peer, in: device.overlay)
        let probe = state.probes[PeerKey(overlay: device.overlay, node: peer.node)]
        return PeerReport(
            node: peer.node, overlay: device.overlay, interface: device.interface, publicKey: peer.publicKey,
            endpoint: live?.endpoint?.description,
            latestHandshake: live.flatMap { live in
                live.latestHandshake > 0 ? Date(timeIntervalSince1970: TimeInterval(live.latestHandshake)) : nil
            },
            receivedBytes: live?.receivedBytes ?? 0, transmittedBytes: live?.transmittedBytes ?? 0,
            allowedIPs: peer.allowedIPs.sorted(), persistentKeepalive: Int(peer.persistentKeepalive),
            ready: ready.status, reason: ready.reason, lastRoundTrip: probe?.roundTrip,
            lastProbeTime: probe?.time)
    }

    private func routes() -> [Entry<RouteReport>] {
        var owners: [CIDR: (node: String, overlay: String)] = [:]
        for device in state.desired.kernel.devices {
            for peer in device.peers {
                for prefix in peer.allowedIPs { owners[prefix] = (peer.node, device.overlay) }
            }
        }
        let present = Dictionary(
            (state.kernel?.routes ?? []).filter { $0.protocolNumber == OwnershipMark.routeProtocol }
                .map { ($0.destination, $0) }, uniquingKeysWith: { a, _ in a })
        return state.desired.kernel.routes.map { route in
            Entry(key: .init(route.destination, route.interface), names: ["\(route.destination)"]) {
                let found = present[route.destination]
                let isIn = found?.interface == route.interface && found?.preferredSource == route.preferredSource
                let owner = owners[route.destination]
                return RouteReport(
                    destination: route.destination, interface: route.interface, overlay: owner?.overlay ?? "",
                    node: owner?.node ?? "", source: route.preferredSource,
                    protocolNumber: OwnershipMark.routeProtocol, state: isIn ? Reason.programmed : Reason.pending)
            }
        }.sorted { $0.key < $1.key }
    }
}
