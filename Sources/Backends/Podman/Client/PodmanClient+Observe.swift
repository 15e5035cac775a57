public import HostState
internal import NetAddress
internal import UnixHTTP

extension PodmanClient {
    /// The result of inspecting a container, and the run that it is valid for.
    struct Inspection {
        /// The list's entry at that time.
        var listed: Listed
        var at: ContinuousClock.Instant
        var restartCount: Int
        /// It may have ended since the list was read: then it has no addresses, and lacks none.
        var isRunning: Bool
        /// The addresses that Podman has set up in its network namespace.
        var addresses: Set<IPAddress>
        /// Seconds; nil when Podman does not report it.
        var stopTimeout: Int?
        /// Whether Podman itself starts it again when it ends.
        var isRestartedByPodman = false
        var healthCheck: ObservedContainer.HealthCheck?
    }

    /// Distinguishes one run of a container from another, as far as the list shows it. A restart within the same second
    /// has another process, and `podman network disconnect` keeps the process and removes the network.
    struct Listed: Equatable {
        var state: String
        var startedAt: Int64
        var process: Int
        var networks: [String]

        init(_ container: LibpodListedContainer) {
            state = container.state ?? ""
            startedAt = container.startedAt ?? 0
            process = container.pid ?? 0
            networks = (container.networks ?? []).sorted()
        }
    }

    /// How long an inspection is valid. The end of Podman's own clean-up removes the network of a running container
    /// without a trace in any list, so each container is inspected again in every resync.
    private static let inspectionAge: Duration = .seconds(5)

    /// Reads all networks and containers, and which of `images` are present.
    ///
    /// One request for each list and image; a container is inspected each time that it starts or stops, and again after
    /// five seconds, and only if it carries our label or is attached to a network with our label.
    /// - Throws: `PodmanError`.
    public func observe(images: Set<String>) async throws -> ObservedPodman {
        var observed = ObservedPodman()
        for network in try await client.get([LibpodNetwork].self, "/networks/json", object: "podman") ?? [] {
            observed.networks[network.name] = network.observed(seal: seal)
        }
        let listed =
            try await client.get([LibpodListedContainer].self, "/containers/json?all=true", object: "podman") ?? []
        let ourNetworks = Set(
            observed.networks.values.filter { $0.labels[OwnershipMark.overlayLabel] != nil }.map(\.name))
        for container in listed {
            guard let name = container.names?.first else { continue }
            let isLabelled = container.labels?[OwnershipMark.nodeLabel] != nil
            var inspection: Inspection?
            if isLabelled || !ourNetworks.isDisjoint(with: container.networks ?? []) {
                inspection = try await inspect(container, name: name)
            }
            observed.containers[name] = ObservedContainer(container, name: name, inspection, seal: seal)
        }
        let present = Set(listed.map(\.id))
        inspected = inspected.filter { present.contains($0.key) }
        for image in images.sorted() {
            observed.images[image] = try await client.get(Image.self, imagePath(image), object: "image/\(image)")?.id
        }
        observed.pulling = await puller.pulling
        return observed
    }

    /// The file of a running container's network namespace; nil when it does not run, or shares the host's.
    ///
    /// - Throws: `PodmanError`.
    public func networkNamespace(of name: String, id: String) async throws -> String? {
        let path = "/containers/\(id)/json"
        let details = try await client.get(LibpodInspectedContainer.self, path, object: "container/\(name)")
        return details?.networkSettings?.sandboxKey.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func inspect(_ container: LibpodListedContainer, name: String) async throws -> Inspection? {
        let listed = Listed(container)
        if let known = inspected[container.id], known.listed == listed, .now - known.at < Self.inspectionAge {
            return known
        }
        // It was removed meanwhile: only the list's entry is known.
        guard let details = try await inspect(container.id, object: "container/\(name)") else { return nil }
        let inspection = Inspection(
            listed: listed, at: .now, restartCount: details.restartCount ?? 0, isRunning: details.isRunning,
            addresses: details.liveAddresses, stopTimeout: details.configuration?.stopTimeout,
            isRestartedByPodman: details.isRestartedByPodman, healthCheck: details.healthCheck)
        inspected[container.id] = inspection
        return inspection
    }

    func imagePath(_ image: String) -> String {
        "/images/" + image.split(separator: "/").map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
            + "/json"
    }

    struct Image: Decodable {
        var id: String

        enum CodingKeys: String, CodingKey { case id = "Id" }
    }
}

extension LibpodInspectedContainer {
    var isRunning: Bool { state?.status == "running" }

    /// An empty policy is Podman's word for none.
    var isRestartedByPodman: Bool { !["", "no"].contains(hostConfiguration?.restartPolicy?.name ?? "") }

    var healthCheck: ObservedContainer.HealthCheck? {
        guard let check = configuration?.healthCheck, let test = check.test, !test.isEmpty, test.first != "NONE" else {
            return nil
        }
        // Podman's own defaults, for an image's check that names none.
        func duration(_ nanoseconds: Int64?) -> Duration {
            nanoseconds.flatMap { $0 > 0 ? .nanoseconds($0) : nil } ?? .seconds(30)
        }
        return ObservedContainer.HealthCheck(interval: duration(check.interval), timeout: duration(check.timeout))
    }

    /// The addresses that it has on any network.
    var liveAddresses: Set<IPAddress> {
        Set((networkSettings?.networks ?? [:]).values.flatMap(\.all).compactMap { IPAddress($0) })
    }
}

extension ObservedContainer {
    init(
        _ container: LibpodListedContainer, name: String, _ inspection: PodmanClient.Inspection?, seal: HostSeal?
    ) {
        let labels = container.labels ?? [:]
        let health = container.status ?? ""
        let nonce = seal?.nonce(kind: "container", name: name, image: container.imageID ?? "", labels: labels)
        self.init(
            id: container.id, name: name, image: container.image ?? "",
            state: container.state.flatMap { State(rawValue: $0) } ?? .unknown, exitCode: container.exitCode ?? 0,
            startedAt: max(container.startedAt ?? 0, 0), restartCount: inspection?.restartCount ?? 0,
            health: ["healthy", "unhealthy", "starting"].contains(health) ? health : nil, labels: labels,
            addresses: ContainerLabels.addresses(in: labels).union(inspection?.addresses ?? []),
            endedAt: container.exitedAt.flatMap { $0 > 0 ? $0 : nil }, stopTimeout: inspection?.stopTimeout,
            sealNonce: nonce)
        if state == .running, let inspection, inspection.isRunning { liveAddresses = inspection.addresses }
        isRestartedByPodman = inspection.map(\.isRestartedByPodman)
        healthCheck = inspection?.healthCheck
    }
}
