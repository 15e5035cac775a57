public import Convergence
internal import NetAddress

/// The fields with which a container was made, to say later which of them differ: Podman keeps only the hash of all.
public struct RecordedSpec: Hashable, Sendable, Codable {
    /// `DesiredContainer.specHash`
    public var hash: String
    /// By name. A secret is a reference, never a value.
    public var fields: [String: String]

    public init(_ container: DesiredContainer) {
        hash = container.specHash
        fields = container.fields
    }

    /// Sorted by name.
    public func differences(to container: DesiredContainer) -> [FieldChange] {
        let after = container.fields
        return Set(fields.keys).union(after.keys).sorted().compactMap {
            FieldChange($0, from: fields[$0], to: after[$0])
        }
    }
}

extension DesiredContainer {
    /// What `specHash` covers, by the names of `node.spec.containers[]`. A list that is empty and a value that is absent
    /// have no entry.
    var fields: [String: String] {
        var fields: [String: String] = [
            "image": image, "restartPolicy": restartPolicy.rawValue,
            "securityContext.privileged": "\(isPrivileged)",
            "securityContext.readOnlyRootFilesystem": "\(isRootReadOnly)",
            "terminationGracePeriodSeconds": "\(stopTimeout)",
        ]
        func add(_ field: String, _ value: String?) { if let value { fields[field] = value } }
        func add(_ field: String, _ words: [String]) { if !words.isEmpty { fields[field] = words.listed } }
        add("command", entrypoint)
        add("args", arguments)
        add("workingDir", workingDirectory)
        add("resources.limits.cpu", cpuLimitMilli.map { "\($0)m" })
        add("resources.limits.memory", memoryLimit.map { "\($0)" })
        add("securityContext.capabilities.add", addCapabilities)
        add("securityContext.capabilities.drop", dropCapabilities)
        add("securityContext.runAsUser", user)
        for (name, value) in environment { fields["env.\(name)"] = value.fieldText }
        for (key, value) in labels { fields["labels.\(key)"] = value }
        for limit in ulimits { fields["ulimits.\(limit.name)"] = "\(limit.soft):\(limit.hard)" }
        for mount in mounts { fields["volumes[\(mount.mountPath)]"] = mount.fieldText }
        for port in ports {
            let host = port.hostIP.map { $0.family == .v6 ? "[\($0)]:" : "\($0):" } ?? ""
            fields["ports[\(host)\(port.hostPort)/\(port.transport)]"] = "\(port.containerPort)"
        }
        for network in networks {
            add("networks[\(network.network)].addresses", network.addresses.map(\.description))
            fields["networks[\(network.network)].bridge"] = network.bridge
            fields["networks[\(network.network)].macAddress"] = network.macAddress.description
        }
        if let healthCheck {
            add("healthCheck.command", healthCheck.command)
            fields["healthCheck.interval"] = "\(healthCheck.interval)s"
            fields["healthCheck.timeout"] = "\(healthCheck.timeout)s"
            fields["healthCheck.startPeriod"] = "\(healthCheck.startPeriod)s"
            fields["healthCheck.retries"] = "\(healthCheck.retries)"
        }
        fields["node"] = node
        return fields
    }
}

extension DesiredContainer.EnvironmentValue {
    fileprivate var fieldText: String {
        switch self {
        case .literal(let text): text
        case .podmanSecret(let name): "(from Podman secret \(name))"
        case .file(let path): "(from file \(path))"
        }
    }
}

extension DesiredContainer.Mount {
    fileprivate var fieldText: String {
        let from =
            switch source {
            case .hostPath(let path): path
            case .volume(let name): "volume \(name)"
            }
        return isReadOnly ? "\(from), read-only" : from
    }
}

extension [String] {
    /// As YAML's flow style writes it: a word that could be taken for two is quoted.
    fileprivate var listed: String {
        let words = map { word in
            word.isEmpty || word.contains(where: { ", []\"\\".contains($0) || $0.isNewline })
                ? word.debugDescription : word
        }
        return "[\(words.joined(separator: ", "))]"
    }
}
