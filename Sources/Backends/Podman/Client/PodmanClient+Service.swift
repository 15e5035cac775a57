/// Properties of Podman, as it reports them.
public struct PodmanService: Hashable, Sendable {
    public var version: String
    /// `netavark` or `cni`; empty when Podman does not report it.
    public var networkBackend: String
    /// The OCI runtime: `crun`, `runc`.
    public var runtime: String
}

extension PodmanClient {
    /// - Throws: `PodmanError`.
    public func service() async throws -> PodmanService {
        guard let info = try await client.get(LibpodInfo.self, "/info", object: "podman") else {
            throw PodmanError(.unexpectedAnswer("no /info"), object: "podman")
        }
        return PodmanService(
            version: info.version.number, networkBackend: info.host.networkBackend ?? "",
            runtime: info.host.ociRuntime?.name ?? "")
    }
}

/// The fields read from `/libpod/info` (`Info` in podman `libpod/define`).
private struct LibpodInfo: Decodable {
    struct Host: Decodable {
        struct Runtime: Decodable { var name: String }

        var networkBackend: String?
        var ociRuntime: Runtime?
    }

    struct Version: Decodable {
        var number: String

        enum CodingKeys: String, CodingKey { case number = "Version" }
    }

    var host: Host
    var version: Version
}
