internal import Glibc
internal import HostState
internal import UnixHTTP

extension PodmanClient {
    /// Creating and starting set up networks, mounts and the runtime: slower than other requests.
    private static let startDeadline: Duration = .seconds(30)

    /// - Returns: Podman's id.
    func create(_ container: DesiredContainer, nonce: String) async throws -> String {
        let object = "container/\(container.name)"
        try await ContainerSecret(client: client, container: container.name).create(for: container.environment)
        var spec = LibpodSpec(container, ownLimits: Self.ownLimits)
        if let seal, let image = try await client.get(Image.self, imagePath(container.image), object: object)?.id {
            spec.labels.merge(
                seal.labels(kind: "container", name: container.name, image: image, nonce: nonce, labels: spec.labels)
            ) { _, ours in ours }
        }
        let answer = try await client.write(
            .post, "/containers/create", body: .json(spec), deadline: Self.startDeadline, object: object)
        return try client.decode(Created.self, answer, object: object).id
    }

    func start(_ name: String, id: String) async throws {
        try await client.write(
            .post, "/containers/\(id)/start", accepted: [304], deadline: Self.startDeadline,
            object: "container/\(name)")
    }

    func remove(_ name: String, id: String, timeout: Int) async throws {
        if try await isStandingAndOurs(name, id: id) {
            try await stopOurs(name, id: id, timeout: timeout)
            // Force: its restart policy may have started it again in between. Named volumes stay.
            try await client.write(
                .delete, "/containers/\(id)?force=true&timeout=\(timeout)&v=true", accepted: [404],
                deadline: .seconds(timeout) + LibpodClient.deadline, object: "container/\(name)")
        }
        try await ContainerSecret(client: client, container: name).removeAll()
    }

    func stopOurs(_ name: String, id: String, timeout: Int) async throws {
        try await client.write(
            .post, "/containers/\(id)/stop?timeout=\(timeout)", accepted: [304, 404],
            deadline: .seconds(timeout) + LibpodClient.deadline, object: "container/\(name)")
    }

    /// Kills a container that exits within moments anyway; Podman stops restarting what was stopped by a request. Killed,
    /// since one that ends by itself with status 0 after SIGTERM would count as completed. One that is between two runs
    /// cannot be stopped, and is found looping again.
    func halt(_ name: String, id: String) async throws {
        guard try await isStandingAndOurs(name, id: id) else { return }
        try await stopOurs(name, id: id, timeout: 0)
    }

    /// Stops and starts it in one request, which Podman completes without us: a container without a restart policy is
    /// not lost when this daemon dies in between.
    func restart(_ name: String, id: String, timeout: Int) async throws {
        // The name of the parameter differs between versions of Podman.
        try await client.write(
            .post, "/containers/\(id)/restart?timeout=\(timeout)&t=\(timeout)", accepted: [404],
            deadline: .seconds(timeout) + Self.startDeadline, object: "container/\(name)")
    }

    /// False when it does not exist.
    ///
    /// - Throws: `PodmanError.Reason.foreign` when the inventory does not have it, whatever the plan says.
    func isStandingAndOurs(_ name: String, id: String) async throws -> Bool {
        let object = "container/\(name)"
        guard let found = try await inspect(id, object: object) else { return false }
        guard owns(id) else { throw PodmanError(.foreign, object: object) }
        // Podman cannot stop a paused container, and a signal would not reach it.
        if found.state?.status == "paused" {
            try await client.write(.post, "/containers/\(id)/unpause", accepted: [404, 500], object: object)
        }
        return true
    }

    func inspect(_ id: String, object: String) async throws -> LibpodInspectedContainer? {
        try await client.get(LibpodInspectedContainer.self, "/containers/\(id)/json", object: object)
    }

    private struct Created: Decodable {
        var id: String

        enum CodingKeys: String, CodingKey { case id = "Id" }
    }

    /// The limits that this process may pass on, at most those that Podman would ask for itself.
    private static var ownLimits: [LibpodSpec.Rlimit] {
        // Glibc's module has no RLIMIT_NPROC: 6 in asm-generic/resource.h.
        [("nofile", __rlimit_resource_t(RLIMIT_NOFILE.rawValue)), ("nproc", 6)].compactMap { name, resource in
            var limit = rlimit()
            guard getrlimit(resource, &limit) == 0 else { return nil }
            let value = min(UInt64(limit.rlim_max), 1_048_576)
            return LibpodSpec.Rlimit(type: name, soft: value, hard: value)
        }
    }
}
