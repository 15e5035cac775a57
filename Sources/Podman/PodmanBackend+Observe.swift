public import HostState
internal import NetAddress
internal import UnixHTTP

extension PodmanBackend {
    /// What inspecting a container told, and for which of its lives.
    struct Inspection {
        var state: String
        var startedAt: Int64
        var restartCount: Int
        var addresses: Set<IPAddress>
        /// Seconds; nil where Podman does not tell.
        var stopTimeout: Int?
    }

    /// Reads all networks and containers, and which of `images` are present.
    ///
    /// One request for each list and image; a container is inspected once for each time that it starts or stops, and
    /// only if it is ours or attached to a network of ours.
    /// - Throws: `PodmanError`.
    public func observe(images: Set<String>) async throws -> ObservedPodman {
        var observed = ObservedPodman()
        for network in try await client.get([LibpodNetwork].self, "/networks/json", object: "podman") ?? [] {
            observed.networks[network.name] = network.observed
        }
        let listed =
            try await client.get([LibpodListedContainer].self, "/containers/json?all=true", object: "podman") ?? []
        let ourNetworks = Set(
            observed.networks.values.filter { $0.labels[OwnershipMark.overlayLabel] != nil }.map(\.name))
        for container in listed {
            guard let name = container.names?.first else { continue }
            let isOurs = container.labels?[OwnershipMark.nodeLabel] == node
            var inspection: Inspection?
            if isOurs || !ourNetworks.isDisjoint(with: container.networks ?? []) {
                inspection = try await inspect(container, name: name)
            }
            observed.containers[name] = ObservedContainer(container, name: name, inspection)
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
        let state = container.state ?? ""
        let startedAt = container.startedAt ?? 0
        if let known = inspected[container.id], known.state == state, known.startedAt == startedAt { return known }
        let path = "/containers/\(container.id)/json"
        // One that was removed meanwhile is simply not known any better.
        guard let details = try await client.get(LibpodInspectedContainer.self, path, object: "container/\(name)")
        else {
            return nil
        }
        let endpoints = (details.networkSettings?.networks ?? [:]).values
        let inspection = Inspection(
            state: state, startedAt: startedAt, restartCount: details.restartCount ?? 0,
            addresses: Set(endpoints.flatMap(\.all).compactMap { IPAddress($0) }),
            stopTimeout: details.configuration?.stopTimeout)
        inspected[container.id] = inspection
        return inspection
    }

    private func imagePath(_ image: String) -> String {
        "/images/" + image.split(separator: "/").map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
            + "/json"
    }

    private struct Image: Decodable {
        var id: String

        enum CodingKeys: String, CodingKey { case id = "Id" }
    }
}

extension ObservedContainer {
    fileprivate init(
        _ container: LibpodListedContainer, name: String, _ inspection: PodmanBackend.Inspection?
    ) {
        let labels = container.labels ?? [:]
        let health = container.status ?? ""
        self.init(
            id: container.id, name: name, image: container.image ?? "",
            state: container.state.flatMap { State(rawValue: $0) } ?? .unknown, exitCode: container.exitCode ?? 0,
            startedAt: max(container.startedAt ?? 0, 0), restartCount: inspection?.restartCount ?? 0,
            health: ["healthy", "unhealthy", "starting"].contains(health) ? health : nil, labels: labels,
            addresses: ContainerLabels.addresses(in: labels).union(inspection?.addresses ?? []),
            stopTimeout: inspection?.stopTimeout)
    }
}
