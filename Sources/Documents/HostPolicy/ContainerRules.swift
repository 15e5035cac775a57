internal import Manifest
internal import Resources

/// What a container may have: `spec.containers` of the policy.
struct ContainerRules {
    let policy: HostPolicy.Containers
    let resource: ResourceKey

    /// What Baseline lets be added (kubernetes.io/docs/concepts/security/pod-security-standards, "Capabilities").
    static let baselineCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    /// In the order of the fields.
    func violations(of container: Container, at path: FieldPath) -> [PolicyViolation] {
        var found = image(container.image, at: path + "image")
        guard policy.level == .baseline else { return found }
        for (index, variable) in container.env.enumerated() {
            guard let file = variable.valueFrom?.file else { continue }
            found += secretFile(
                file, at: path + "env" + index + "valueFrom" + "file", instead: "use podmanSecret")
        }
        for (index, port) in container.ports.enumerated() {
            let place = path + "ports" + index
            found += hostPort(
                port.hostPort ?? port.containerPort,
                at: place + (port.hostPort == nil ? "containerPort" : "hostPort"))
        }
        for (index, volume) in container.volumes.enumerated() { found += mount(volume, at: path + "volumes" + index) }
        if let security = container.securityContext { found += self.security(security, at: path + "securityContext") }
        return found
    }

    private func violation(_ path: FieldPath, _ reason: String, _ remedy: String, allowedBy field: String)
        -> PolicyViolation
    {
        PolicyViolation(
            resource: resource, path: path, reason: reason,
            remedy: "\(remedy), or allow it with spec.containers.\(field) of the host policy")
    }

    private func image(_ text: String, at path: FieldPath) -> [PolicyViolation] {
        guard let registries = policy.registries else { return [] }
        guard let reference = ImageReference(text) else {
            return [
                PolicyViolation(
                    resource: resource, path: path,
                    reason: "the host policy names registries, and \(quoted(text)) names none",
                    remedy: "write it in full, such as docker.io/library/alpine:3.20")
            ]
        }
        guard !registries.contains(where: reference.isBelow) else { return [] }
        return [
            violation(
                path, "the host policy allows no image from \(reference.components.dropLast().joined(separator: "/"))",
                "take it from \(registries.joined(separator: ", "))", allowedBy: "registries")
        ]
    }

    /// The file of an overlay's preshared keys, which lies where those for containers do.
    func presharedKeys(_ file: String, at path: FieldPath) -> [PolicyViolation] {
        policy.level == .baseline ? secretFile(file, at: path, instead: "remove it") : []
    }

    private func secretFile(_ text: String, at path: FieldPath, instead: String) -> [PolicyViolation] {
        let file = PathPrefix(text)
        let isAllowed = policy.secretFiles.compactMap { PathPrefix($0) }.contains { prefix in
            file.map(prefix.contains) ?? false
        }
        guard !isAllowed else { return [] }
        let places = policy.secretFiles.joined(separator: ", ")
        return [
            violation(
                path, "the host policy gives out no secret from \(quoted(text))\(file == nil ? ", which has .." : "")",
                places.isEmpty ? instead : "put it below \(places)", allowedBy: "secretFiles")
        ]
    }

    private func hostPort(_ port: UInt16, at path: FieldPath) -> [PolicyViolation] {
        guard !policy.hostPorts.contains(where: { $0.min <= port && port <= $0.max }) else { return [] }
        return [
            violation(
                path, "the host policy lets no container publish port \(port)", "remove it", allowedBy: "hostPorts")
        ]
    }

    private func mount(_ volume: Container.VolumeMount, at path: FieldPath) -> [PolicyViolation] {
        guard let text = volume.hostPath else { return [] }
        guard let source = PathPrefix(text) else {
            return [
                PolicyViolation(
                    resource: resource, path: path + "hostPath", reason: "\(quoted(text)) has ..",
                    remedy: "write the path that it leads to")
            ]
        }
        let allowing = policy.hostPaths.filter { PathPrefix($0.pathPrefix)?.contains(source) ?? false }
        if allowing.isEmpty {
            return [
                violation(
                    path + "hostPath", "the host policy lets no container mount \(quoted(text))", "use a volume",
                    allowedBy: "hostPaths")
            ]
        }
        guard volume.readOnly || allowing.contains(where: { !$0.readOnly }) else {
            return [
                violation(
                    path + "readOnly", "the host policy lets \(quoted(text)) be mounted read-only alone",
                    "write readOnly: true", allowedBy: "hostPaths")
            ]
        }
        return []
    }

    private func security(_ security: Container.SecurityContext, at path: FieldPath) -> [PolicyViolation] {
        var found: [PolicyViolation] = []
        if security.privileged, !policy.privileged {
            found.append(
                violation(
                    path + "privileged", "the host policy allows no privileged container", "remove it",
                    allowedBy: "privileged"))
        }
        // Podman takes a capability with CAP_ and without.
        func bare(_ name: String) -> String { name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name }
        let allowed = ContainerRules.baselineCapabilities.union(policy.capabilities.map(bare))
        for (index, capability) in (security.capabilities?.add ?? []).enumerated()
        where !allowed.contains(bare(capability)) && !allowed.contains("ALL") {
            found.append(
                violation(
                    path + "capabilities" + "add" + index, "the host policy lets no container add \(capability)",
                    "remove it", allowedBy: "capabilities"))
        }
        return found
    }
}
