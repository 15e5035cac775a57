internal import HostState
internal import NetAddress
internal import PodmanState
internal import UnixHTTP

extension PodmanClient {
    /// Restores the name or the addresses of a container.
    ///
    /// Connecting the network is tried first, because it keeps the processes. A container whose network namespace
    /// Podman has lost, as after two concurrent starts, is restarted: its files stay. One that has ended meanwhile is
    /// left alone: its restart policy decides whether it runs again.
    ///
    /// - Throws: `PodmanError`; `.withoutNetwork` when addresses are missing even though Podman reported success.
    func restore(_ container: DesiredContainer, id: String, _ faults: [ContainerFault]) async throws {
        let object = "container/\(container.name)"
        guard owns(id) else { throw PodmanError(.foreign, object: object) }
        for fault in faults {
            switch fault {
            case .renamed:
                let name = PercentEncoding.encode(container.name)
                try await client.write(.post, "/containers/\(id)/rename?name=\(name)", object: object)
            case .withoutAddresses: try await reconnect(container, id: id)
            }
        }
        inspected[id] = nil
    }

    private func reconnect(_ container: DesiredContainer, id: String) async throws {
        let object = "container/\(container.name)"
        guard let found = try await inspect(id, object: object), found.isRunning else { return }
        let missing = container.attachmentsMissing(in: found)
        guard !missing.isEmpty else { return }
        // Reported only if the later steps do not help either.
        var refusal: (any Error)?
        if found.networkSettings?.sandboxKey?.isEmpty == false {
            for attachment in missing {
                do { try await connect(attachment, of: container, id: id, found) } catch { refusal = refusal ?? error }
            }
            guard let now = try await inspect(id, object: object), now.isRunning else { return }
            if container.attachmentsMissing(in: now).isEmpty { return }
        } else {
            // Without a namespace, Podman records the network for the next start.
            for attachment in missing where found.networkSettings?.networks?[attachment.network] == nil {
                do { try await connect(attachment, of: container, id: id, found) } catch { refusal = refusal ?? error }
            }
        }
        try await restart(container.name, id: id, timeout: container.stopTimeout)
        guard let now = try await inspect(id, object: object), now.isRunning else { return }
        let left = container.attachmentsMissing(in: now).map(\.network)
        guard left.isEmpty else {
            let words = refusal.map { ($0 as? PodmanError)?.explanation ?? "\($0)" }
            throw PodmanError(.withoutNetwork(left, refusal: words), object: object)
        }
    }

    private func connect(
        _ attachment: DesiredContainer.Attachment, of container: DesiredContainer, id: String,
        _ found: LibpodInspectedContainer
    ) async throws {
        let object = "container/\(container.name)"
        let path = "/networks/\(PercentEncoding.encode(attachment.network))"
        if found.networkSettings?.networks?[attachment.network] != nil {
            try await client.write(
                .post, path + "/disconnect", body: .json(Disconnection(container: id)), object: object)
        }
        let index = container.networks.firstIndex(of: attachment) ?? 0
        let connection = Connection(
            container: id, addresses: attachment.addresses.map(\.description),
            macAddress: attachment.macAddress.description, interface: "eth\(index)")
        try await client.write(.post, path + "/connect", body: .json(connection), object: object)
    }

    /// The body of `POST /networks/NAME/connect` (`NetworkConnectOptions` in podman `pkg/domain/entities`).
    private struct Connection: Encodable {
        var container: String
        var addresses: [String]
        var macAddress: String
        var interface: String

        enum CodingKeys: String, CodingKey {
            case container
            case addresses = "static_ips"
            case macAddress = "static_mac"
            case interface = "interface_name"
        }
    }

    /// The body of `POST /networks/NAME/disconnect`.
    private struct Disconnection: Encodable {
        var container: String

        enum CodingKeys: String, CodingKey { case container = "Container" }
    }
}

extension DesiredContainer {
    /// The attachments of which a running container lacks an address.
    fileprivate func attachmentsMissing(in found: LibpodInspectedContainer) -> [Attachment] {
        let live = found.liveAddresses
        return networks.filter { !$0.addresses.allSatisfy(live.contains) }
    }
}
