internal import HostState
internal import NetAddress
internal import UnixHTTP

extension PodmanBackend {
    func create(_ network: DesiredNetwork) async throws {
        let object = "network/\(network.name)"
        do {
            try await client.write(
                .post, "/networks/create", body: .json(LibpodNetwork(network, node: node)), object: object)
        } catch let error as PodmanError {
            guard case .subnetInUse(let subnet, _) = error.reason else { throw error }
            guard let rival = try await rival(of: network) else { throw error }
            throw PodmanError(.subnetInUse(subnet: subnet, by: "Podman network \(rival) overlaps it"), object: object)
        }
    }

    /// Another network whose subnet overlaps: Podman's message does not tell it from an interface's address.
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
        guard standing.labels?[OwnershipMark.overlayLabel] != nil else { throw PodmanError(.foreign, object: object) }
        // Without force: Podman would delete whatever containers are attached, foreign ones too.
        try await client.write(.delete, path, accepted: [404], object: object)
    }
}
