internal import HostState
internal import NetAddress

/// The labels that mark a container as ours and keep what Podman does not report.
enum ContainerLabels {
    /// The addresses it was created with, sorted and separated by commas: inspecting a stopped container shows none.
    static let addresses = "dev.wgctl.addresses"

    static func labels(of container: DesiredContainer) -> [String: String] {
        let all = container.networks.flatMap(\.addresses).sorted()
        return [
            OwnershipMark.nodeLabel: container.node, OwnershipMark.nameLabel: container.name,
            OwnershipMark.specHashLabel: container.specHash,
            addresses: all.map(\.description).joined(separator: ","),
        ]
    }

    static func addresses(in labels: [String: String]) -> Set<IPAddress> {
        Set((labels[addresses] ?? "").split(separator: ",").compactMap { IPAddress(String($0)) })
    }
}
