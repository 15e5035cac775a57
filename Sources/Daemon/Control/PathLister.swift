internal import ControlAPI
internal import Convergence
internal import HostState
internal import NetAddress
internal import Planner
internal import PodmanState
internal import Resources

/// Works out between which addresses this host has paths. Pure.
struct PathLister: Sendable {
    let state: Facts
    let localNode: String

    /// The running containers of this host that have an address in an overlay: Podman's ids, by name.
    var running: [String: String] {
        var ids: [String: String] = [:]
        for container in attached {
            guard let found = state.container(container.name), found.state == .running else { continue }
            ids[container.name] = found.id
        }
        return ids
    }

    /// - Parameter namespaces: the files of the network namespaces of `running`, by name.
    func list(namespaces: [String: String]) -> PathList {
        let kernel = state.desired.kernel
        let overlays = kernel.devices.map { device in
            PathList.Overlay(
                name: device.overlay, interface: device.interface, listenPort: device.listenPort,
                addresses: kernel.addresses.filter { $0.interface == device.interface }.map(\.address).sorted())
        }
        let known = Set(overlays.map(\.name))
        let origins = attached.flatMap { container in
            networks(of: container).compactMap { overlay, addresses in
                namespaces[container.name].flatMap { namespace in
                    known.contains(overlay)
                        ? PathList.Origin(
                            container: container.name, overlay: overlay, addresses: addresses,
                            networkNamespace: namespace) : nil
                }
            }
        }
        return PathList(
            node: localNode, overlays: overlays.sorted { $0.name < $1.name },
            peers: peers.sorted { ($0.overlay, $0.node) < ($1.overlay, $1.node) },
            origins: origins.sorted { ($0.container, $0.overlay) < ($1.container, $1.overlay) }, problems: problems,
            remarks: remarks(namespaces))
    }

    private var peers: [PathList.Peer] {
        let nodes = Dictionary(state.accepted.live.nodes.map { ($0.metadata.name, $0) }) { first, _ in first }
        return state.desired.kernel.devices.flatMap { device in
            device.peers.map { peer in
                let node = nodes[peer.node]
                var listed = PathList.Peer(
                    node: peer.node, overlay: device.overlay, endpoint: peer.endpoint?.description,
                    addresses: peer.probeAddresses)
                if let here = nodes[localNode], let node,
                    !Planner.hasPath(from: here, to: node, overlay: device.overlay)
                {
                    listed.noPath = "neither \(localNode) nor \(peer.node) has an endpoint: give one of them one"
                }
                if let node, !node.spec.unschedulable {
                    listed.containers = node.spec.containers.compactMap { container in
                        networks(of: container)[device.overlay].map {
                            PathList.Container(name: container.name, addresses: $0)
                        }
                    }.sorted { $0.name < $1.name }
                }
                return listed
            }
        }
    }

    /// This host's containers that are on an overlay.
    private var attached: [Container] {
        let local = state.accepted.live.nodes.first { $0.metadata.name == localNode }
        return local?.spec.unschedulable == false ? local?.spec.containers.filter { !$0.networks.isEmpty } ?? [] : []
    }

    private func networks(of container: Container) -> [String: [IPAddress]] {
        Dictionary(grouping: container.networks, by: \.overlay).mapValues { $0.flatMap(\.addresses).sorted() }
            .filter { !$0.value.isEmpty }
    }

    private var problems: [String] {
        var lines = state.hostConflicts.warnings
        // No path uses a missing address, so no probe can find it.
        for container in state.desired.podman.containers {
            let missing = state.container(container.name)?.missingAddresses(of: container) ?? []
            if !missing.isEmpty {
                lines.append("container/\(container.name) \(ContainerFault.withoutAddresses(missing).text)")
            }
        }
        if let error = state.keyError { lines.append(error) }
        if state.desired.node == nil {
            lines.append("no Node that is in force is called \(localNode), so nothing is set up on this host")
        }
        return lines
    }

    private func remarks(_ namespaces: [String: String]) -> [String] {
        guard case .observed = state.podman else {
            return attached.isEmpty ? [] : ["Podman does not answer: nothing is probed from containers"]
        }
        return attached.map(\.name).filter { namespaces[$0] == nil }.sorted().map {
            "container/\($0) does not run: nothing is probed from it"
        }
    }
}
