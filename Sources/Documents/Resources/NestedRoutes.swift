internal import Manifest
internal import NetAddress

/// Routes of one Node that lie in a route of another: packets take the longer prefix, in WireGuard and in the kernel.
///
/// A warning at the wider route, because a typing mistake elsewhere takes a part of it away just so.
enum NestedRoutes {
    /// A route within another's.
    struct Pair {
        let outer: (cidr: CIDR, version: ResourceVersion)
        let inner: (cidr: CIDR, version: ResourceVersion)
    }

    /// A route that lies in a wider one, in whatever overlays.
    private struct Part: Hashable {
        let cidr: CIDR
        let owner: ResourceKey
    }

    /// How many parts of one route a warning names.
    private static let partLimit = 3

    /// One for each route that has parts behind other nodes.
    static func findings(in pairs: [Pair]) -> [Finding] {
        var parts: [ResourceKey: [CIDR: Set<Part>]] = [:]
        var paths: [Part: (version: ResourceVersion, path: FieldPath)] = [:]
        var claims: [ResourceKey: [CIDR: (version: ResourceVersion, path: FieldPath)]] = [:]
        for pair in pairs {
            for outer in pair.outer.version.routes(to: pair.outer.cidr) {
                for inner in pair.inner.version.routes(to: pair.inner.cidr) where inner.overlay == outer.overlay {
                    parts[pair.outer.version.key, default: [:]][outer.cidr, default: []].insert(
                        Part(cidr: inner.cidr, owner: pair.inner.version.key))
                    paths[Part(cidr: inner.cidr, owner: pair.inner.version.key)] = (
                        pair.inner.version, inner.field.path
                    )
                    claims[pair.outer.version.key, default: [:]][outer.cidr] = (pair.outer.version, outer.field.path)
                }
            }
        }
        return parts.flatMap { key, routes in
            routes.compactMap { cidr, parts -> Finding? in
                guard let (version, path) = claims[key]?[cidr] else { return nil }
                let more = parts.count > partLimit ? ", and \(parts.count - partLimit) more parts" : ""
                // A place is found by reading the file again: only those that are shown are asked for.
                let shown = parts.sorted { ($0.cidr, $0.owner) < ($1.cidr, $1.owner) }.prefix(partLimit).map { part in
                    let place = paths[part].map { " at \($0.version.place(of: $0.path))" } ?? ""
                    return "\(part.cidr) of it is behind \(part.owner)\(place)"
                }
                let error = version.error(
                    at: path, shown.joined(separator: ", ") + more,
                    remedy: "packets for that part go there; remove it there if that is not meant")
                return Finding(resource: key, reason: Reason.nestedRoute, error: error)
            }
        }
    }
}

extension ResourceVersion {
    fileprivate func routes(to cidr: CIDR) -> [Claims.Range] {
        claims.ranges.filter { $0.role == .route && $0.cidr == cidr }
    }
}
