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
            peers: (peers + keyless).sorted { ($0.overlay, $0.node) < ($1.overlay, $1.node) },
            origins: origins.sorted { ($0.container, $0.overlay) < ($1.container, $1.overlay) },
            unprobed: unprobed(namespaces), problems: problems,
            remarks: completed.sorted().map { "container/\($0) has completed: nothing is probed from it" })
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
                listed.containers = node.map { containers(of: $0, on: device.overlay) } ?? []
                return listed
            }
        }
    }

    /// Other members of this host's overlays that cannot be peers: a path to each is wanted all the same.
    private var keyless: [PathList.Peer] {
        let overlays = Set(state.desired.kernel.devices.map(\.overlay))
        return Planner.keylessMembers(in: state.accepted.live, of: localNode, publicKeys: state.policy.keys)
            .filter { $0.node != localNode && overlays.contains($0.overlay) }
            .map { member in
                var listed = PathList.Peer(node: member.node, overlay: member.overlay, addresses: member.addresses)
                listed.keyMissing = Planner.keyRemedy(of: member.node)
                if let node = state.accepted.live.nodes.first(where: { $0.metadata.name == member.node }) {
                    listed.containers = containers(of: node, on: member.overlay)
                }
                return listed
            }
    }

    /// Those that are to run there and have addresses in the overlay, by name.
    private func containers(of node: Node, on overlay: String) -> [PathList.Container] {
        guard !node.spec.unschedulable else { return [] }
        return node.spec.containers.compactMap { container in
            networks(of: container)[overlay].map { PathList.Container(name: container.name, addresses: $0) }
        }.sorted { $0.name < $1.name }
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
        if let keyless = MissingKeys(state: state, localNode: localNode).own {
            lines.append("\(Reason.publicKeyMissing): \(keyless)")
        }
        if state.desired.node == nil {
            lines.append("no Node that is in force is called \(localNode), so nothing is set up on this host")
        }
        return lines
    }

    /// The containers that are to run and do not, or that Podman cannot be asked for.
    private func unprobed(_ namespaces: [String: String]) -> [PathList.Unprobed] {
        let reason = if case .observed = state.podman { "does not run" } else { "is unknown: Podman does not answer" }
        return attached.filter { namespaces[$0.name] == nil && !completed.contains($0.name) }.map { container in
            PathList.Unprobed(
                container: container.name, overlays: networks(of: container).keys.sorted(), reason: reason)
        }.sorted { $0.container < $1.container }
    }

    /// The containers that have ended as they were to.
    private var completed: Set<String> {
        Set(
            attached.filter { container in
                guard let found = state.container(container.name) else { return false }
                return found.state == .exited && found.exitCode == 0 && container.restartPolicy != "Always"
            }.map(\.name))
    }
}
