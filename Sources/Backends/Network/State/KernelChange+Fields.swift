public import Convergence
internal import HostState
internal import NetAddress

extension KernelChange {
    public var fields: [FieldChange] {
        switch self {
        case .updateLink(let link, let before): link.differences(from: before)
        case .renameLink(let link, to: let name): [FieldChange("name", link.name, name)]
        case .attachPort(let link, let bridge, container: _): [FieldChange("master", link.master, bridge)]
        case .replaceRoute(let route, let before): route.differences(from: before)
        case .setSysctl(let sysctl, let before): [FieldChange("value", before, sysctl.value)]
        case .configureDevice(interface: _, let publicKey, let listenPort, let fwmark, let before?):
            [
                FieldChange("public key", from: before.publicKey, to: publicKey),
                FieldChange("listen port", from: before.listenPort, to: listenPort),
                FieldChange("fwmark", from: before.fwmark, to: fwmark),
            ].compactMap { $0 }
        case .updatePeer(_, let update): update.fields
        default: []
        }
    }
}

extension DesiredRoute {
    fileprivate func differences(from before: ObservedRoute) -> [FieldChange] {
        [
            FieldChange("dev", from: before.interface, to: interface),
            FieldChange("via", from: before.gateway, to: nil),
            FieldChange("src", from: before.preferredSource, to: preferredSource),
            FieldChange("mtu", from: before.mtu, to: mtu),
            FieldChange("protocol", from: before.protocolNumber, to: OwnershipMark.routeProtocol),
        ].compactMap { $0 }
    }
}

extension PeerUpdate {
    /// A preshared key is named, never shown.
    fileprivate var fields: [FieldChange] {
        var fields: [FieldChange] = []
        if let endpoint { fields.append(FieldChange("endpoint", endpointBefore?.description, endpoint.description)) }
        if let persistentKeepalive {
            let before = persistentKeepaliveBefore.map { "\($0)" }
            fields.append(FieldChange("persistent keepalive", before, "\(persistentKeepalive)"))
        }
        switch presharedKey {
        case .set?: fields.append(FieldChange("preshared key", "another one or none", "the right one"))
        case .clear?: fields.append(FieldChange("preshared key", "present", nil))
        case nil: break
        }
        fields += addAllowedIPs.map { FieldChange("allowed IP", nil, "\($0)") }
        fields += removeAllowedIPs.map { FieldChange("allowed IP", "\($0)", nil) }
        return fields
    }
}
