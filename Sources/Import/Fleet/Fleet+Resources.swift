internal import Manifest
internal import NetAddress
internal import Resources

/// The resources that a fleet becomes, and where each field comes from.
struct Translation {
    var overlay: Overlay
    /// Sorted by name.
    var nodes: [Node] = []
    /// By the path of the field, as findings print it.
    var origins: [ResourceKey: [String: Origin]] = [:]
}

extension Fleet {
    /// - Parameter name: the Overlay's; nil takes it from the sources.
    func translation(name: String?) -> Translation {
        let name = name ?? hints.name ?? overlayName(of: settings.interface)
        let overlay = Overlay(
            metadata: Metadata(name: name),
            spec: OverlaySpec(
                subnets: subnets.map(\.value),
                wireguard: .init(
                    interface: settings.interface, listenPort: settings.listenPort, mtu: settings.mtu?.value,
                    persistentKeepalive: settings.keepalive?.value, fwmark: settings.fwmark?.value ?? 0),
                // The interface of mawalu's role is called `private`, as a network mode of Podman's is.
                network: .init(name: OverlaySpec.Network.reservedNames.contains(name) ? "\(name)-net" : nil)))
        var translation = Translation(overlay: overlay)
        translation.origins[ResourceKey(.overlay, name)] = overlayOrigins
        for member in members.sorted(by: { $0.name < $1.name }) {
            translation.nodes.append(node(member, overlay: name))
            translation.origins[ResourceKey(.node, member.name)] = origins(of: member)
        }
        return translation
    }

    /// An interface's name is nearly one of a resource.
    private func overlayName(of interface: String) -> String {
        let name = label(interface)
        return name.isEmpty ? "overlay" : name
    }

    private func node(_ member: Member, overlay: String) -> Node {
        let tunnel = member.tunnel
        let membership = OverlayMembership(
            name: overlay, addresses: member.addresses.map(\.value).sorted(),
            listenPort: tunnel?.listenPort.flatMap { $0.value == settings.listenPort ? nil : $0.value },
            interface: tunnel?.interface.flatMap { $0.value == settings.interface ? nil : $0.value },
            routes: member.routes.map(\.value))
        return Node(
            metadata: Metadata(name: member.name),
            spec: NodeSpec(
                publicKey: member.publicKey?.value, endpoint: member.endpoint?.value,
                // Without an address a host is in no overlay.
                overlays: membership.addresses.isEmpty ? [] : [membership]))
    }

    private var overlayOrigins: [String: Origin] {
        var origins: [String: Origin] = [:]
        for (index, subnet) in subnets.enumerated() { origins["spec.subnets[\(index)]"] = subnet.origin }
        origins["spec.wireguard.mtu"] = settings.mtu?.origin
        origins["spec.wireguard.persistentKeepalive"] = settings.keepalive?.origin
        origins["spec.wireguard.fwmark"] = settings.fwmark?.origin
        origins[""] = members.first?.origin
        return origins
    }

    private func origins(of member: Member) -> [String: Origin] {
        let path = "spec.overlays[0]"
        var origins = ["": member.origin]
        origins["spec.publicKey"] = member.publicKey?.origin
        origins["spec.endpoint"] = member.endpoint?.origin
        origins["\(path).listenPort"] = member.tunnel?.listenPort?.origin
        origins["\(path).interface"] = member.tunnel?.interface?.origin
        let addresses = member.addresses.sorted { $0.value < $1.value }
        for (index, address) in addresses.enumerated() { origins["\(path).addresses[\(index)]"] = address.origin }
        origins["\(path).addresses"] = addresses.first?.origin
        for (index, route) in member.routes.enumerated() { origins["\(path).routes[\(index)]"] = route.origin }
        return origins
    }
}
