import HostState
import Resources

extension Planner {
    /// As Kubernetes: without a policy, `:latest` and no tag mean Always, any other tag and a digest IfNotPresent.
    static func pullPolicy(_ container: Container) -> DesiredContainer.PullPolicy {
        if let text = container.imagePullPolicy, let policy = DesiredContainer.PullPolicy(rawValue: text) {
            return policy
        }
        if container.image.contains("@") { return .ifNotPresent }
        // A colon before the last slash belongs to the registry's port.
        let name = container.image.split(separator: "/").last ?? ""
        let tag = name.split(separator: ":", maxSplits: 1).dropFirst().first
        return tag == nil || tag == "latest" ? .always : .ifNotPresent
    }

    static func value(_ variable: Container.EnvironmentVariable) -> DesiredContainer.EnvironmentValue? {
        if let value = variable.value { return .literal(value) }
        if let name = variable.valueFrom?.podmanSecret { return .podmanSecret(name: name) }
        return variable.valueFrom?.file.map { .file(path: $0) }
    }

    /// Without a `hostPort` the container's own number is published, as the schema says.
    static func portMapping(_ port: Container.Port) -> DesiredContainer.PortMapping {
        DesiredContainer.PortMapping(
            containerPort: port.containerPort, hostPort: port.hostPort ?? port.containerPort, hostIP: port.hostIP,
            transport: port.protocol.lowercased())
    }

    static func mount(_ volume: Container.VolumeMount) -> DesiredContainer.Mount? {
        let source =
            volume.hostPath.map { DesiredContainer.Mount.Source.hostPath($0) } ?? volume.volume.map { .volume($0) }
        return source.map {
            DesiredContainer.Mount(source: $0, mountPath: volume.mountPath, isReadOnly: volume.readOnly)
        }
    }

    /// `UID` or `UID:GID`; the schema refuses a group without a user.
    static func user(_ security: Container.SecurityContext) -> String? {
        guard let user = security.runAsUser else { return nil }
        return security.runAsGroup.map { "\(user):\($0)" } ?? "\(user)"
    }

    static func healthCheck(_ check: Container.HealthCheck) -> DesiredContainer.HealthCheck? {
        guard let interval = GoDuration.seconds(check.interval), let timeout = GoDuration.seconds(check.timeout),
            let startPeriod = GoDuration.seconds(check.startPeriod)
        else { return nil }
        return DesiredContainer.HealthCheck(
            command: check.command, interval: interval, timeout: timeout, startPeriod: startPeriod,
            retries: check.retries)
    }
}
