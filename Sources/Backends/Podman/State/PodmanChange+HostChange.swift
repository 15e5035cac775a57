public import Convergence
internal import HostState
internal import NetAddress

extension LaneName {
    /// Podman's networks, images and containers.
    public static let podman = LaneName(rawValue: "podman")
}

/// The objects of changes of the Podman lane.
public enum PodmanObject: Hashable, Sendable, CustomStringConvertible {
    case network(String)
    case container(String)
    case image(String)

    public var description: String {
        switch self {
        case .network(let name): "network \(name)"
        case .container(let name): "container \(name)"
        case .image(let reference): "image \(reference)"
        }
    }
}

extension PodmanChange: HostChange {
    public var object: PodmanObject {
        switch self {
        case .createNetwork(let network): .network(network.name)
        case .removeNetwork(let name): .network(name)
        case .pullImage(let container): .image(container.image)
        case .createContainer(let container), .startContainer(let container, id: _),
            .haltContainer(let container, id: _), .restoreContainer(let container, id: _, faults: _):
            .container(container.name)
        case .removeContainer(let name, id: _, timeout: _): .container(name)
        }
    }

    public var operation: ChangeOperation {
        switch self {
        case .createNetwork, .createContainer: .create
        case .pullImage: .pull
        case .startContainer: .start
        case .haltContainer: .stop
        case .restoreContainer: .restore
        case .removeNetwork, .removeContainer: .delete
        }
    }

    public var words: ChangeWords {
        switch self {
        case .createNetwork(let network):
            let subnets = network.subnets.map { "\($0.subnet) gateway \($0.gateway)" }.joined(separator: ", ")
            return ChangeWords("create", "\(object)", "\(subnets), bridge \(network.bridge), mtu \(network.mtu)")
        case .removeNetwork: return ChangeWords("delete", "\(object)")
        case .pullImage(let container): return ChangeWords("pull", "\(object)", "for container \(container.name)")
        case .createContainer(let container):
            let addresses = container.networks.flatMap(\.addresses).map(\.description).joined(separator: ", ")
            let network = addresses.isEmpty ? "no network" : "addresses \(addresses)"
            return ChangeWords("create", "\(object)", "image \(container.image), \(network)")
        case .startContainer: return ChangeWords("start", "\(object)")
        case .haltContainer:
            return ChangeWords("stop", "\(object)", "it exits continuously, and Podman restarts it without a pause")
        case .restoreContainer(_, _, let faults):
            return ChangeWords("restore", "\(object)", "it \(faults.map(\.text).joined(separator: ", "))")
        case .removeContainer(_, _, let timeout):
            return ChangeWords("delete", "\(object)", "stop timeout \(timeout) s")
        }
    }

    public var creates: [PodmanObject] {
        switch self {
        case .createNetwork, .createContainer: [object]
        default: []
        }
    }

    /// The Podman networks of a container.
    public var requires: [PodmanObject] {
        switch self {
        case .createContainer(let container), .startContainer(let container, _),
            .restoreContainer(let container, _, _):
            container.networks.map { .network($0.network) }
        default: []
        }
    }

    public var takesAway: PodmanObject? {
        switch self {
        case .removeNetwork, .removeContainer: object
        default: nil
        }
    }

    /// Podman changes neither networks nor containers in place. Starts have their own back-off (`StartBackoff`).
    public var repair: RepairPart {
        switch self {
        case .removeNetwork, .removeContainer: .firstHalf
        case .createNetwork, .createContainer: .secondHalf
        case .startContainer, .haltContainer, .pullImage: .none
        case .restoreContainer: .whole
        }
    }

    public func regarding(_ owners: Owners) -> ResourceReference {
        switch self {
        case .createNetwork(let network): .overlay(owners.overlay(madeAs: network.overlay))
        case .removeNetwork(let name): owners.owner(ofNetwork: name)
        default: .container(containerName)
        }
    }
}
