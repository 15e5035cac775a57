internal import Glibc
internal import HostState
internal import UnixHTTP

extension PodmanBackend {
    /// Creating and starting set up networks, mounts and the runtime: slower than other requests.
    private static let startDeadline: Duration = .seconds(30)

    func create(_ container: DesiredContainer) async throws {
        let object = "container/\(container.name)"
        try await ContainerSecret(client: client, container: container.name).create(for: container.environment)
        let spec = LibpodSpec(container, ownLimits: Self.ownLimits)
        let answer = try await client.write(
            .post, "/containers/create", body: .json(spec), deadline: Self.startDeadline, object: object)
        let created = try client.decode(Created.self, answer, object: object)
        try await start(container.name, id: created.id)
    }

    func start(_ name: String, id: String) async throws {
        try await client.write(
            .post, "/containers/\(id)/start", accepted: [304], deadline: Self.startDeadline,
            object: "container/\(name)")
    }

    func stop(_ name: String, id: String, timeout: Int) async throws {
        guard try await isStandingAndOurs(name, id: id) else { return }
        try await stopOurs(name, id: id, timeout: timeout)
    }

    func remove(_ name: String, id: String, timeout: Int) async throws {
        if try await isStandingAndOurs(name, id: id) {
            try await stopOurs(name, id: id, timeout: timeout)
            // Force: between the two its restart policy may have started it again. Named volumes stay.
            try await client.write(
                .delete, "/containers/\(id)?force=true&timeout=\(timeout)&v=true", accepted: [404],
                deadline: .seconds(timeout) + LibpodClient.deadline, object: "container/\(name)")
        }
        try await ContainerSecret(client: client, container: name).removeAll()
    }

    private func stopOurs(_ name: String, id: String, timeout: Int) async throws {
        try await client.write(
            .post, "/containers/\(id)/stop?timeout=\(timeout)", accepted: [304, 404],
            deadline: .seconds(timeout) + LibpodClient.deadline, object: "container/\(name)")
    }

    /// False when it is gone.
    ///
    /// - Throws: `PodmanError.Reason.foreign` for one that does not carry our label, whatever the plan was made from.
    private func isStandingAndOurs(_ name: String, id: String) async throws -> Bool {
        let object = "container/\(name)"
        let path = "/containers/\(id)/json"
        guard let found = try await client.get(LibpodInspectedContainer.self, path, object: object) else {
            return false
        }
        guard found.configuration?.labels?[OwnershipMark.nodeLabel] == node else {
            throw PodmanError(.foreign, object: object)
        }
        return true
    }

    private struct Created: Decodable {
        var id: String

        enum CodingKeys: String, CodingKey { case id = "Id" }
    }

    /// What this process may hand on, at most what Podman would ask for itself.
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
