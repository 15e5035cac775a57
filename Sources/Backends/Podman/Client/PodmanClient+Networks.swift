internal import HostState
internal import NetAddress
internal import UnixHTTP

extension PodmanClient {
    /// - Returns: Podman's id.
    func create(_ network: DesiredNetwork, nonce: String) async throws -> String {
        let object = "network/\(network.name)"
        var wanted = LibpodNetwork(network, node: node)
        if let seal {
            let labels = wanted.labels ?? [:]
            wanted.labels?.merge(
                seal.labels(kind: "network", name: network.name, image: "", nonce: nonce, labels: labels)
            ) { _, ours in ours }
        }
        do {
            let answer = try await client.write(.post, "/networks/create", body: .json(wanted), object: object)
            return try client.decode(LibpodNetwork.self, answer, object: object).identifier
        } catch let error as PodmanError {
            guard case .subnetInUse(let subnet, _) = error.reason else { throw error }
            guard let rival = try await rival(of: network) else { throw error }
            throw PodmanError(.subnetInUse(subnet: subnet, by: "Podman network \(rival) overlaps it"), object: object)
        }
    }

    /// Another network with an overlapping subnet; Podman's message also covers an interface's address.
    private func rival(of network: DesiredNetwork) async throws -> String? {
        let all = try await client.get([LibpodNetwork].self, "/networks/json", object: "network/\(network.name)") ?? []
        return all.filter { other in
            (other.subnets ?? []).compactMap { CIDR($0.subnet) }.contains { theirs in
                network.subnets.contains { $0.subnet.overlaps(theirs) }
            }
        }.map(\.name).sorted().first
    }

    func removeNetwork(_ name: String) async throws {
        let object = "network/\(name)"
        let path = "/networks/\(PercentEncoding.encode(name))"
        guard let standing = try await client.get(LibpodNetwork.self, path + "/json", object: object) else { return }
        guard owns(standing.identifier) else { throw PodmanError(.foreign, object: object) }
        // Without force, with which Podman would delete all attached containers, foreign ones too. By name: by id,
        // Podman 4.3 does not notice attached containers.
        try await client.write(.delete, path, accepted: [404], object: object)
    }
}
