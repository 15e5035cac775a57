internal import NetAddress

/// The form over which the spec hashes of containers and networks are computed.
///
/// Changing the form of an existing value recreates every container or network of every fleet at the next upgrade;
/// `CanonicalFormTests` pins all of it. A new field of one of these types gets a key here and is written only when it
/// differs from its default (`count == 1 ? nil : .number(count)`), so that hosts that do not use it keep the hash. A
/// released key is never renamed and never changes its type.
extension DesiredContainer {
    /// The pull policy is not part of the hash, because it matters only when an image is fetched; its key keeps the
    /// value that the first release wrote.
    var canonicalForm: CanonicalJSON {
        .fields([
            "addCapabilities": .texts(addCapabilities),
            "arguments": .texts(arguments),
            "cpuLimitMilli": cpuLimitMilli.map(CanonicalJSON.number),
            "dropCapabilities": .texts(dropCapabilities),
            "entrypoint": .texts(entrypoint),
            "environment": .object(environment.mapValues(\.canonicalForm)),
            "healthCheck": healthCheck?.canonicalForm,
            "image": .string(image),
            "isPrivileged": .boolean(isPrivileged),
            "isRootReadOnly": .boolean(isRootReadOnly),
            "labels": .object(labels.mapValues(CanonicalJSON.string)),
            "memoryLimit": memoryLimit.map(CanonicalJSON.number),
            "mounts": .array(mounts.map(\.canonicalForm)),
            "name": .string(name),
            "networks": .array(networks.map(\.canonicalForm)),
            "node": .string(node),
            "ports": .array(ports.map(\.canonicalForm)),
            "pullPolicy": .string("IfNotPresent"),
            "restartPolicy": restartPolicy.canonicalForm,
            "stopTimeout": .number(stopTimeout),
            "ulimits": .array(ulimits.map(\.canonicalForm)),
            "user": user.map(CanonicalJSON.string),
            "workingDirectory": workingDirectory.map(CanonicalJSON.string),
        ])
    }
}

extension DesiredContainer.RestartPolicy {
    var canonicalForm: CanonicalJSON {
        switch self {
        case .always: .string("Always")
        case .onFailure: .string("OnFailure")
        case .never: .string("Never")
        }
    }
}

extension DesiredContainer.Attachment {
    var canonicalForm: CanonicalJSON {
        .fields([
            "addresses": .texts(addresses),
            "bridge": .string(bridge),
            "macAddress": .text(macAddress),
            "network": .string(network),
        ])
    }
}

extension DesiredContainer.EnvironmentValue {
    var canonicalForm: CanonicalJSON {
        switch self {
        case .literal(let text): .fields(["literal": .fields(["_0": .string(text)])])
        case .podmanSecret(let name): .fields(["podmanSecret": .fields(["name": .string(name)])])
        case .file(let path): .fields(["file": .fields(["path": .string(path)])])
        }
    }
}

extension DesiredContainer.PortMapping {
    var canonicalForm: CanonicalJSON {
        .fields([
            "containerPort": .number(containerPort),
            "hostIP": hostIP.map(CanonicalJSON.text),
            "hostPort": .number(hostPort),
            "transport": .string(transport),
        ])
    }
}

extension DesiredContainer.Mount {
    var canonicalForm: CanonicalJSON {
        .fields([
            "isReadOnly": .boolean(isReadOnly),
            "mountPath": .string(mountPath),
            "source": source.canonicalForm,
        ])
    }
}

extension DesiredContainer.Mount.Source {
    var canonicalForm: CanonicalJSON {
        switch self {
        case .hostPath(let path): .fields(["hostPath": .fields(["_0": .string(path)])])
        case .volume(let name): .fields(["volume": .fields(["_0": .string(name)])])
        }
    }
}

extension DesiredContainer.HealthCheck {
    var canonicalForm: CanonicalJSON {
        .fields([
            "command": .texts(command),
            "interval": .number(interval),
            "retries": .number(retries),
            "startPeriod": .number(startPeriod),
            "timeout": .number(timeout),
        ])
    }
}

extension DesiredContainer.Ulimit {
    var canonicalForm: CanonicalJSON {
        .fields(["hard": .number(hard), "name": .string(name), "soft": .number(soft)])
    }
}

extension DesiredNetwork {
    var canonicalForm: CanonicalJSON {
        .fields([
            "bridge": .string(bridge),
            "isDNSEnabled": .boolean(isDNSEnabled),
            "mtu": .number(mtu),
            "name": .string(name),
            "overlay": .string(overlay),
            "subnets": .array(subnets.map(\.canonicalForm)),
        ])
    }
}

extension DesiredNetwork.Subnet {
    var canonicalForm: CanonicalJSON {
        .fields([
            "gateway": .text(gateway),
            "leaseRange": leaseRange?.canonicalForm,
            "subnet": .text(subnet),
        ])
    }
}

extension DesiredNetwork.LeaseRange {
    var canonicalForm: CanonicalJSON { .fields(["first": .text(first), "last": .text(last)]) }
}
