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
        var report = StatusReport(
            node: localNode, daemon: daemon, fileErrors: state.accepted.fileErrors.map(\.message), counters: counters)
        for kind in ListedKind.allCases {
            for object in entries(kind).all {
                switch object {
                case .resource(let resource) where kind == .nodes: report.nodes.append(resource)
                case .resource(let resource) where kind == .overlays: report.overlays.append(resource)
                case .resource(let resource): report.gateways.append(resource)
                case .container(let container): report.containers.append(container)
                case .peer(let peer, _): report.peers.append(peer)
                case .route(let route, _): report.routes.append(route)
                case .event: break
                }
            }
        }
        return report.sorted()
    }

    /// The objects of a kind by key, each made when it is asked for. Events are in the records.
    func entries(_ kind: ListedKind) -> ObjectEntries {
        switch kind {
        case .nodes: resources(.node)
        case .overlays: resources(.overlay)
        case .gateways: resources(.gateway)
        case .containers: containers()
        case .peers: peers()
        case .routes: routes()
        case .events: ObjectEntries([])
        }
    }

    private func labels(of node: String) -> [String: String] { state.accepted.live.node(node)?.metadata.labels ?? [:] }

    /// Acceptances are sorted by kind and name.
    private func resources(_ kind: Kind) -> ObjectEntries {
        let all = state.accepted.acceptances
        let first = all.firstIndex { $0.key.kind == kind } ?? 0
        let count = all[first...].prefix { $0.key.kind == kind }.count
        return ObjectEntries(
            count: count, key: { .init(all[first + $0].key.name) }, names: { [all[first + $0].key.name] },
            node: kind == .node ? { all[first + $0].key.name } : nil, make: { .resource(resource(all[first + $0])) })
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

    private func containers() -> ObjectEntries {
        /// Where a container is: a Node and its place in it, or no Node for one that is being removed.
        typealias Place = (node: String, name: String, nodeIndex: Int?, index: Int)
        let (nodes, departing) = (state.accepted.live.nodes, departing())
        var places: [Place] = []
        for (nodeIndex, node) in nodes.enumerated() {
            for (index, container) in node.spec.containers.enumerated() {
                places.append((node.metadata.name, container.name, nodeIndex, index))
            }
        }
        for (index, container) in departing.enumerated() { places.append((localNode, container.name, nil, index)) }
        places.sort { ($0.node, $0.name) < ($1.node, $1.name) }
        return ObjectEntries(
            count: places.count, key: { .init(places[$0].node, places[$0].name) },
            names: { [places[$0].name, "\(places[$0].node)/\(places[$0].name)"] }, node: { places[$0].node },
            make: { position in
                let place = places[position]
                guard let nodeIndex = place.nodeIndex else { return .container(departing[place.index]) }
                return .container(report(on: nodes[nodeIndex].spec.containers[place.index], of: place.node))
            })
    }

    /// The containers of ours that no manifest of this host contains any more, until they are gone.
    private func departing() -> [ContainerReport] {
        guard case .observed(let podman) = state.podman else { return [] }
        let own = state.accepted.live.nodes.first { $0.metadata.name == localNode }
        let wanted = Set(own?.spec.containers.map(\.name) ?? [])
        let names = state.inventory.containerNames
        return podman.containers.values.compactMap { container in
            guard let removal = podman.removals[container.id] else {
                guard let name = names[container.id], !wanted.contains(name) else { return nil }
                return waiting(container, name)
            }
            guard !wanted.contains(removal.name) else { return nil }
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

    /// One whose removal has not begun.
    private func waiting(_ container: ObservedContainer, _ name: String) -> ContainerReport {
        var report = ContainerReport(
            name: name, node: localNode, image: container.image, addresses: container.addresses.sorted(), isLocal: true,
            state: container.state.rawValue, restarts: state.restarts(of: container, name))
        report.conditions = [
            Condition(
                type: .ready, status: .false, reason: Reason.pending,
                message: "it is in no manifest of this host any more, and is to be removed",
                lastTransitionTime: Date(timeIntervalSince1970: 0), observedGeneration: 0)
        ]
        return report
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

    private func peers() -> ObjectEntries {
        let assessment = Assessment(state: state, localNode: localNode)
        let devices = state.desired.kernel.devices
        var places = devices.indices.flatMap { device in devices[device].peers.indices.map { (device, $0) } }
        func order(_ place: (Int, Int)) -> (String, String, PublicKey) {
            let peer = devices[place.0].peers[place.1]
            return (devices[place.0].overlay, peer.node, peer.publicKey)
        }
        places.sort { order($0) < order($1) }
        func peer(_ position: Int) -> DesiredPeer { devices[places[position].0].peers[places[position].1] }
        return ObjectEntries(
            count: places.count,
            key: { .init(devices[places[$0].0].overlay, peer($0).node, "\(peer($0).publicKey)") },
            names: { [peer($0).node, "\(devices[places[$0].0].overlay)/\(peer($0).node)"] }, node: { peer($0).node },
            make: { position in
                let peer = peer(position)
                let report = report(on: peer, in: devices[places[position].0], assessment)
                return .peer(report, labels: labels(of: peer.node))
            })
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

    private func routes() -> ObjectEntries {
        var owners: [CIDR: (node: String, overlay: String)] = [:]
        for device in state.desired.kernel.devices {
            for peer in device.peers {
                for prefix in peer.allowedIPs { owners[prefix] = (peer.node, device.overlay) }
            }
        }
        let present = Dictionary(
            (state.kernel?.routes ?? []).filter { $0.protocolNumber == OwnershipMark.routeProtocol }
                .map { ($0.destination, $0) }, uniquingKeysWith: { a, _ in a })
        let routes = state.desired.kernel.routes.sorted {
            ($0.destination, $0.interface) < ($1.destination, $1.interface)
        }
        return ObjectEntries(
            count: routes.count, key: { .init(routes[$0].destination, routes[$0].interface) },
            names: { ["\(routes[$0].destination)"] },
            make: { position in
                let route = routes[position]
                let found = present[route.destination]
                let isIn = found?.interface == route.interface && found?.preferredSource == route.preferredSource
                let owner = owners[route.destination]
                let report = RouteReport(
                    destination: route.destination, interface: route.interface, overlay: owner?.overlay ?? "",
                    node: owner?.node ?? "", source: route.preferredSource,
                    protocolNumber: OwnershipMark.routeProtocol, state: isIn ? Reason.programmed : Reason.pending)
                return .route(report, labels: labels(of: report.node))
            })
    }
}
