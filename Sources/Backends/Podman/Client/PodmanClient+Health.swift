internal import UnixHTTP

extension PodmanClient {
    /// Longer than a health check may take: Podman answers when its command has ended, and ends none by itself.
    private static let checkDeadline: Duration = .seconds(3600)

    /// Runs the health check of a container, as Podman's systemd timer does elsewhere, and waits for its end. Podman
    /// counts the failures, and keeps the status.
    ///
    /// - Returns: the status after it; nil when the container does not run, or has no health check.
    /// - Throws: `PodmanError`, also when the check took longer than its timeout, which Podman has counted as a failure.
    public func checkHealth(_ name: String, id: String) async throws -> String? {
        let object = "container/\(name)"
        let result = try await client.get(
            HealthResult.self, "/containers/\(id)/healthcheck", accepted: [409], deadline: Self.checkDeadline,
            object: object)
        return result?.status
    }

    /// `HealthCheckResults` in podman `libpod/define`.
    private struct HealthResult: Decodable {
        var status: String?

        enum CodingKeys: String, CodingKey { case status = "Status" }
    }
}
