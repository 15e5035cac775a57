internal import Manifest
internal import NetAddress

extension ResourceVersion {
    /// Endpoints at which only hosts of the same link can reach the node, each with its place.
    var endpointWarnings: [ManifestError] {
        guard text != nil, let spec = content.node?.spec else { return [] }
        var found: [ManifestError] = []
        if let warning = spec.endpoint?.linkLocalWarning {
            found.append(error(at: FleetRules.spec + "endpoint", warning, remedy: EndpointWarning.remedy))
        }
        for (index, membership) in spec.overlays.enumerated() {
            guard let warning = membership.endpoint?.linkLocalWarning else { continue }
            found.append(
                error(
                    at: FleetRules.spec + "overlays" + index + "endpoint", warning, remedy: EndpointWarning.remedy))
        }
        return found
    }
}

private enum EndpointWarning {
    static let remedy = "write an address that other nodes reach"
}

extension Endpoint {
    /// RFC 3927 and RFC 4291: valid on one link. An IPv6 address of this kind says nothing without the interface, and an
    /// endpoint has none.
    fileprivate var linkLocalWarning: String? {
        guard case .address(let address) = host, address.isLinkLocal else { return nil }
        return address.family == .v4
            ? "\(address) is link-local: no router passes it on, so that only hosts on the same link reach it"
            : "\(address) is link-local and names no interface, so that no host can send to it"
    }
}
