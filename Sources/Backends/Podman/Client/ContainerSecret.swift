internal import HostState
internal import UnixHTTP

/// Podman secrets created from files for one container. Podman 4.3 keeps no labels of secrets; the mark is an option of
/// the file driver, which ignores unknown options.
struct ContainerSecret {
    static let mark = "dev.wgctl.container"

    /// Podman's limit (containers/common, pkg/secrets): letters, digits, `-`, `_` and `.`, none of the last three at
    /// the ends.
    private static let lengthLimit = 64

    /// `wgctl.CONTAINER.VARIABLE`: a container's name has no dot, so no two variables share a secret. If Podman would
    /// refuse the name, its hash replaces it. Earlier releases wrote `wgctl-CONTAINER-VARIABLE`, a prefix that no name
    /// has now: the mark shows whose a secret is, and `removeAll` finds both.
    static func name(container: String, variable: String) -> String {
        let name = "wgctl.\(container).\(variable)"
        let endsWell = variable.last.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
        if name.utf8.count <= lengthLimit, endsWell { return name }
        return "wgctl." + contentHash(of: Array(name.utf8))
    }

    let client: LibpodClient
    let container: String

    /// Stores the file for each variable that names one; replaces secrets of an earlier attempt.
    func create(for environment: [String: DesiredContainer.EnvironmentValue]) async throws {
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard case .file(let path) = value else { continue }
            let secret = Self.name(container: container, variable: variable)
            if let standing = try await inspect(secret) {
                guard standing.isOurs(container) else { throw PodmanError(.secretForeign(secret), object: object) }
                try await delete(secret)
            }
            var bytes: [UInt8]
            do { bytes = try await SecretFile.read(path) } catch let problem as SecretFile.Problem {
                throw PodmanError(.secretFile(path: path, problem: problem.text), object: object)
            }
            defer { SecretFile.wipe(&bytes) }
            let options = PercentEncoding.encode("{\"\(Self.mark)\":\"\(container)\"}")
            try await client.write(
                .post, "/secrets/create?name=\(PercentEncoding.encode(secret))&driver=file&driveropts=\(options)",
                body: .bytes(bytes), object: object)
        }
    }

    /// Deletes every secret that was created for the container.
    func removeAll() async throws {
        let all = try await client.get([Listed].self, "/secrets/json", object: object) ?? []
        for secret in all.filter({ $0.isOurs(container) }).sorted(by: { $0.spec.name < $1.spec.name }) {
            try await delete(secret.spec.name)
        }
    }

    private var object: String { "container/\(container)" }

    private func inspect(_ name: String) async throws -> Listed? {
        try await client.get(Listed.self, "/secrets/\(PercentEncoding.encode(name))/json", object: object)
    }

    private func delete(_ name: String) async throws {
        try await client.write(
            .delete, "/secrets/\(PercentEncoding.encode(name))", accepted: [404], object: object)
    }

    /// `/libpod/secrets/json`.
    private struct Listed: Decodable {
        struct Spec: Decodable {
            struct Driver: Decodable {
                var options: [String: String]?

                enum CodingKeys: String, CodingKey { case options = "Options" }
            }
            var name: String
            var driver: Driver?

            enum CodingKeys: String, CodingKey {
                case name = "Name"
                case driver = "Driver"
            }
        }
        var spec: Spec

        enum CodingKeys: String, CodingKey { case spec = "Spec" }

        func isOurs(_ container: String) -> Bool { spec.driver?.options?[ContainerSecret.mark] == container }
    }
}
