internal import Manifest
internal import NetAddress

/// Nodes that say others reach them at one and the same HOST:PORT: whoever stands behind it, it is one of them.
///
/// A warning, and no rule: it may be right for a while (a host that is replaced), and refusing it would cut nobody's
/// packets less.
enum SharedEndpoints {
    private struct Claim {
        let version: ResourceVersion
        let path: FieldPath
    }

    /// How many places of others a warning names.
    private static let placeLimit = 3

    /// One for each HOST:PORT that several Nodes have, at the last of them by name.
    ///
    /// - Parameters:
    ///   - versions: all live Nodes that have an endpoint which others have, too; more do no harm.
    ///   - listenPorts: by overlay, for endpoints without a port.
    static func findings(in versions: [ResourceVersion], listenPorts: [String: UInt16]) -> [Finding] {
        var claims: [Endpoint: [Claim]] = [:]
        for version in versions {
            guard let spec = version.content.node?.spec else { continue }
            for (endpoint, path) in endpoints(of: spec, listenPorts: listenPorts) {
                claims[endpoint, default: []].append(Claim(version: version, path: path))
            }
        }
        return claims.filter { $0.value.count > 1 }.compactMap { endpoint, claims in
            finding(endpoint, claims.sorted { $0.version.key < $1.version.key })
        }
    }

    /// Where a node is reached in each of its overlays, each HOST:PORT once.
    static func endpoints(
        of spec: NodeSpec, listenPorts: [String: UInt16]
    ) -> [(endpoint: Endpoint, path: FieldPath)] {
        var found: [(endpoint: Endpoint, path: FieldPath)] = []
        var seen: Set<Endpoint> = []
        for (index, membership) in spec.overlays.enumerated() {
            guard let endpoint = membership.endpoint ?? spec.endpoint,
                let port = endpoint.port ?? membership.listenPort ?? listenPorts[membership.name]
            else { continue }
            let path =
                membership.endpoint == nil
                ? FleetRules.spec + "endpoint" : FleetRules.spec + "overlays" + index + "endpoint"
            let whole = Endpoint(host: endpoint.host, port: port)
            if seen.insert(whole).inserted { found.append((whole, path)) }
        }
        return found
    }

    private static func finding(_ endpoint: Endpoint, _ claims: [Claim]) -> Finding? {
        guard let last = claims.last else { return nil }
        let others = claims.dropLast()
        let places = others.prefix(placeLimit).map { claim in
            "\(claim.version.key) at \(claim.version.place(of: claim.path))"
        }
        let more = others.count > placeLimit ? " and \(others.count - placeLimit) more" : ""
        let error = last.version.error(
            at: last.path,
            "\(endpoint) is also the endpoint of \(places.joined(separator: ", "))\(more), and only one host can be "
                + "reached there",
            remedy: "give each its own port or address, or leave the endpoint out where others need not dial it")
        return Finding(resource: last.version.key, reason: Reason.sharedEndpoint, error: error)
    }
}
