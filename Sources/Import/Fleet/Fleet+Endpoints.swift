internal import Manifest
internal import NetAddress

/// Where each host is reached.
extension Fleet {
    mutating func decideEndpoints() {
        for index in members.indices {
            let given = members[index].statements.compactMap(\.reach.endpoint)
            guard let first = given.first else { continue }
            for other in given where other.value != first.value {
                report.add(
                    other.origin,
                    "\(members[index].name) is reached at \(other.value) here, but at \(first.value) at "
                        + first.origin.place,
                    "all hosts use one endpoint, the first was taken; correct spec.endpoint")
            }
            // Without a port, the Node's own listen port holds.
            let port = members[index].tunnel?.listenPort?.value ?? settings.listenPort
            let endpoint = Endpoint(
                host: first.value.host, port: first.value.port == port ? nil : first.value.port)
            members[index].endpoint = Sourced(value: endpoint, origin: first.origin)
        }
        decideKeepalive()
        reportMissingPaths()
    }

    /// Hosts that are each other's peers, and neither says where it is: one of them roamed to the other.
    private mutating func reportMissingPaths() {
        for (index, member) in members.enumerated() where member.endpoint == nil {
            guard let tunnel = member.tunnel else { continue }
            let silent = peers(of: tunnel).filter { $0 != index && members[$0].endpoint == nil }.map {
                members[$0].name
            }
            guard let first = silent.first else { continue }
            let more = silent.count > 1 ? " (nor \(silent.count - 1) more of them)" : ""
            report.add(
                tunnel.origin.named("spec", "endpoint"),
                "neither \(member.name) nor its peer \(first)\(more) has an endpoint",
                "write it into the Node of those that others dial")
        }
    }
}
