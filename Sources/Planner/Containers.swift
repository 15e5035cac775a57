import HostState
import NetAddress
import Resources

extension Planner {
    /// This node's containers in Podman's terms, sorted by name; none while it is drained. A container with a network
    /// that is not here (barred, or an overlay that the node is no member of) is left out: it could not be attached.
    static func containers(of node: Node, views: [OverlayView], facts: HostFacts) -> [DesiredContainer] {
        guard !node.spec.unschedulable else { return [] }
        let byOverlay = Dictionary(views.map { ($0.name, $0) }) { first, _ in first }
        return node.spec.containers.compactMap { container -> DesiredContainer? in
            let attachments = container.networks.compactMap { network in
                byOverlay[network.overlay].map { attachment(network, $0) }
            }
            guard attachments.count == container.networks.count else { return nil }
            let original = facts.identities.original(ofNode: node.metadata.name)
            return desired(container, node: original, networks: attachments)
        }.sorted { $0.name < $1.name }
    }

    private static func attachment(_ network: Container.Network, _ view: OverlayView) -> DesiredContainer.Attachment {
        let addresses = network.addresses.sorted()
        // From the address, not from the node: it stays the same when the container moves.
        let identity = addresses.first.map { "\(view.originalName)/\($0)" } ?? view.originalName
        return DesiredContainer.Attachment(
            network: view.networkName, bridge: view.names.bridge, addresses: addresses,
            macAddress: MACAddress(derivedFrom: identity))
    }

    private static func desired(
        _ container: Container, node: String, networks: [DesiredContainer.Attachment]
    ) -> DesiredContainer {
        var result = DesiredContainer(name: container.name, node: node, image: container.image)
        result.networks = networks
        result.pullPolicy = pullPolicy(container)
        result.entrypoint = container.command
        result.arguments = container.args
        result.workingDirectory = container.workingDir
        result.environment = Dictionary(
            container.env.compactMap { variable in value(variable).map { (variable.name, $0) } }
        ) { _, last in last }
        result.ports = container.ports.map(portMapping)
        result.mounts = container.volumes.compactMap(mount)
        result.restartPolicy = DesiredContainer.RestartPolicy(rawValue: container.restartPolicy) ?? .always
        result.stopTimeout = container.terminationGracePeriodSeconds
        result.cpuLimitMilli = container.resources?.limits?.cpu.flatMap(Quantity.milli)
        result.memoryLimit = container.resources?.limits?.memory.flatMap(Quantity.bytes)
        if let security = container.securityContext {
            result.isPrivileged = security.privileged
            result.addCapabilities = (security.capabilities?.add ?? []).sorted()
            result.dropCapabilities = (security.capabilities?.drop ?? []).sorted()
            result.user = user(security)
            result.isRootReadOnly = security.readOnlyRootFilesystem
        }
        result.healthCheck = container.healthCheck.flatMap(healthCheck)
        result.ulimits = container.ulimits.map { DesiredContainer.Ulimit(name: $0.name, soft: $0.soft, hard: $0.hard) }
            .sorted { $0.name < $1.name }
        result.labels = container.labels
        return result
    }
}
