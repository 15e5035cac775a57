internal import HostState
internal import NetAddress

extension LibpodSpec {
    /// The container in Podman's form.
    ///
    /// - Parameter ownLimits: the limits for `nofile` and `nproc` when others are given: Podman applies its configured
    ///   ones (`default_ulimits`) only to a container without any, and asks for 1048576 otherwise.
    init(_ container: DesiredContainer, ownLimits: [Rlimit]) {
        name = container.name
        hostname = container.name
        image = container.image
        entrypoint = container.entrypoint.isEmpty ? nil : container.entrypoint
        command = container.arguments.isEmpty ? nil : container.arguments
        workingDirectory = container.workingDirectory
        environment = [:]
        secretEnvironment = [:]
        for (variable, value) in container.environment {
            switch value {
            case .literal(let text): environment[variable] = text
            case .podmanSecret(let secret): secretEnvironment[variable] = secret
            case .file:
                secretEnvironment[variable] = ContainerSecret.name(container: container.name, variable: variable)
            }
        }
        labels = container.labels
        labels.merge(ContainerLabels.labels(of: container)) { _, ours in ours }
        networkNamespace = Namespace(nsmode: container.networks.isEmpty ? "none" : "bridge")
        networks = [:]
        for (index, attachment) in container.networks.enumerated() {
            networks[attachment.network] = Attachment(
                addresses: attachment.addresses.map(\.description), macAddress: attachment.macAddress.description,
                interface: "eth\(index)")
        }
        ports = container.ports.map {
            Port(
                containerPort: $0.containerPort, hostPort: $0.hostPort, hostIP: $0.hostIP?.description,
                transport: $0.transport)
        }
        mounts = container.mounts.compactMap(Mount.init)
        volumes = container.mounts.compactMap(Volume.init)
        // wgd starts again what has ended (`StartBackoff`): Podman would do it without any pause.
        restartPolicy = "no"
        stopTimeout = container.stopTimeout
        resources = Resources(cpuMilli: container.cpuLimitMilli, memory: container.memoryLimit)
        isPrivileged = container.isPrivileged
        addCapabilities = container.addCapabilities
        dropCapabilities = container.dropCapabilities
        user = container.user
        isRootReadOnly = container.isRootReadOnly
        healthCheck = container.healthCheck.map(HealthCheck.init)
        rlimits = container.ulimits.map(Rlimit.init)
        if !rlimits.isEmpty {
            rlimits += ownLimits.filter { own in !rlimits.contains { $0.type == own.type } }
        }
    }
}

extension LibpodSpec.Mount {
    fileprivate init?(_ mount: DesiredContainer.Mount) {
        guard case .hostPath(let path) = mount.source else { return nil }
        self.init(source: path, destination: mount.mountPath, options: ["rbind", mount.isReadOnly ? "ro" : "rw"])
    }
}

extension LibpodSpec.Volume {
    fileprivate init?(_ mount: DesiredContainer.Mount) {
        guard case .volume(let name) = mount.source else { return nil }
        self.init(name: name, destination: mount.mountPath, options: [mount.isReadOnly ? "ro" : "rw"])
    }
}

extension LibpodSpec.Resources {
    fileprivate init?(cpuMilli: Int64?, memory limit: Int64?) {
        guard cpuMilli != nil || limit != nil else { return nil }
        // The kernel accepts quotas from 1000 µs (sched-bwc.rst): less than 10 thousandths need a longer period.
        cpu = cpuMilli.map {
            $0 < 10 ? CPU(quota: $0 * 1000, period: 1_000_000) : CPU(quota: $0 * 100, period: 100_000)
        }
        memory = limit.map(Memory.init)
    }
}

extension LibpodSpec.HealthCheck {
    fileprivate init(_ check: DesiredContainer.HealthCheck) {
        let nanoseconds: Int64 = 1_000_000_000
        self.init(
            test: Self.test(check.command), interval: Int64(check.interval) * nanoseconds,
            timeout: Int64(check.timeout) * nanoseconds, startPeriod: Int64(check.startPeriod) * nanoseconds,
            retries: check.retries)
    }

    /// A first word of Compose's `test` means to Podman what it means there; any other begins a command.
    private static func test(_ words: [String]) -> [String] {
        ["CMD", "CMD-SHELL", "NONE"].contains(words.first) ? words : ["CMD"] + words
    }
}

extension LibpodSpec.Rlimit {
    /// A negative limit is RLIM_INFINITY (getrlimit(2)).
    fileprivate init(_ ulimit: DesiredContainer.Ulimit) {
        self.init(
            type: ulimit.name, soft: UInt64(bitPattern: max(ulimit.soft, -1)),
            hard: UInt64(bitPattern: max(ulimit.hard, -1)))
    }
}
