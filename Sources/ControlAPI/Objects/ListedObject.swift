internal import Foundation
public import Resources

/// One object of any kind that `wgctl get` shows, as one host sees it.
public enum ListedObject: Hashable, Sendable {
    case resource(ResourceReport)
    case container(ContainerReport)
    /// Labels are those of the node behind it: a peer and a route have none themselves.
    case peer(PeerReport, labels: [String: String])
    case route(RouteReport, labels: [String: String])
    case event(Event)

    public var kind: ListedKind {
        switch self {
        case .resource(let resource): ListedKind(resource.kind)
        case .container: .containers
        case .peer: .peers
        case .route: .routes
        case .event: .events
        }
    }

    /// What the NAME column shows; two objects of a kind can share it.
    public var name: String {
        switch self {
        case .resource(let resource): resource.metadata.name
        case .container(let container): container.name
        case .peer(let peer, _): peer.node
        case .route(let route, _): "\(route.destination)"
        case .event(let event): "\(event.regarding)"
        }
    }

    /// A name that no other object of the kind has, which `get` accepts as well: `NODE/CONTAINER`, `OVERLAY/NODE` of a
    /// peer.
    public var uniqueName: String {
        switch self {
        case .container(let container): "\(container.node)/\(container.name)"
        case .peer(let peer, _): "\(peer.overlay)/\(peer.node)"
        default: name
        }
    }

    public var labels: [String: String] {
        switch self {
        case .resource(let resource): resource.metadata.labels ?? [:]
        case .container(let container): container.labels
        case .peer(_, let labels), .route(_, let labels): labels
        case .event: [:]
        }
    }

    /// Unique within its kind; objects are listed in the order of their keys.
    public var key: ObjectKey {
        switch self {
        case .resource(let resource): .init(resource.metadata.name)
        case .container(let container): .init(container.node, container.name)
        case .peer(let peer, _): .init(peer.overlay, peer.node, "\(peer.publicKey)")
        case .route(let route, _): .init(route.destination, route.interface)
        case .event(let event):
            .init(
                String(format: "%014.0f", event.lastTimestamp.timeIntervalSince1970 * 1000), "\(event.regarding)",
                event.reason, "\(event.firstTimestamp.timeIntervalSince1970)", event.message)
        }
    }

    /// Without what changes while nothing happens (traffic, handshakes, round trips): two that are equal are no news for
    /// a watch.
    public var steady: ListedObject {
        guard case .peer(let peer, let labels) = self else { return self }
        return .peer(peer.steady, labels: labels)
    }
}

extension ListedKind {
    init(_ kind: Kind) {
        switch kind {
        case .node: self = .nodes
        case .overlay: self = .overlays
        case .gateway: self = .gateways
        }
    }

    /// The kind of the API group; nil for what only a host reports.
    public var resourceKind: Kind? {
        switch self {
        case .nodes: .node
        case .overlays: .overlay
        case .gateways: .gateway
        case .containers, .peers, .routes, .events: nil
        }
    }
}
