import HostState
import NetAddress

extension DesiredContainer {
    /// Only what differs from a container that asks for nothing. A secret is shown by its reference; it has no value.
    var lines: [String] {
        let plain = DesiredContainer(name: name, node: node, image: image)
        var lines = ["\(name): image \(image), pull \(pullPolicy.rawValue), restart \(restartPolicy.rawValue)"]
        func add(_ title: String, _ text: String?) {
            if let text, !text.isEmpty { lines.append("  \(title) \(text)") }
        }
        for network in networks {
            let addresses = network.addresses.map(\.description).joined(separator: ", ")
            add("network", "\(network.network): \(addresses), mac \(network.macAddress), bridge \(network.bridge)")
        }
        add("entrypoint", entrypoint.map(\.debugDescription).joined(separator: " "))
        add("arguments", arguments.map(\.debugDescription).joined(separator: " "))
        add("working directory", workingDirectory)
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { add("env", "\(name) = \(value.text)") }
        for port in ports {
            let host = port.hostIP.map { $0.family == .v6 ? "[\($0)]:" : "\($0):" } ?? ""
            add("port", "\(host)\(port.hostPort) -> \(port.containerPort)/\(port.transport)")
        }
        for mount in mounts { add("mount", mount.text) }
        if stopTimeout != plain.stopTimeout { add("stop timeout", "\(stopTimeout) s") }
        add("cpu limit", cpuLimitMilli.map { "\($0)m" })
        add("memory limit", memoryLimit.map { "\($0) bytes" })
        if isPrivileged { add("privileged", "yes") }
        add("add capabilities", addCapabilities.joined(separator: ", "))
        add("drop capabilities", dropCapabilities.joined(separator: ", "))
        add("user", user)
        if isRootReadOnly { add("root", "read-only") }
        add("health check", healthCheck?.text)
        for limit in ulimits { add("ulimit", "\(limit.name)=\(limit.soft):\(limit.hard)") }
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { add("label", "\(key)=\(value)") }
        return lines
    }
}

extension DesiredContainer.EnvironmentValue {
    var text: String {
        switch self {
        case .literal(let text): text.debugDescription
        case .podmanSecret(let name): "from Podman secret \(name)"
        case .file(let path): "from file \(path)"
        }
    }
}

extension DesiredContainer.Mount {
    var text: String {
        let from =
            switch source {
            case .hostPath(let path): path
            case .volume(let name): "volume \(name)"
            }
        return "\(from) -> \(mountPath)" + (isReadOnly ? " read-only" : "")
    }
}

extension DesiredContainer.HealthCheck {
    var text: String {
        let words = command.map(\.debugDescription).joined(separator: " ")
        return
            "\(words), interval \(interval) s, timeout \(timeout) s, start period \(startPeriod) s, retries \(retries)"
    }
}
