internal import Manifest
internal import NetAddress

/// What one document can be refused for beyond its schema: what the CRDs' rules say as well (`MirroredRules`), item by
/// item and with the values, and what they cannot say.
enum DocumentChecks {
    static func errors(in content: ResourceContent, _ document: Document) -> [ManifestError] {
        var checks = Collector(document: document)
        switch content {
        case .node(let node): checks.check(node)
        case .overlay(let overlay): checks.check(overlay)
        }
        return checks.errors
    }

    private struct Collector {
        let document: Document
        var errors: [ManifestError] = []
        private let spec = FieldPath(keys: "spec")

        init(document: Document) { self.document = document }

        private mutating func report(_ path: FieldPath, _ reason: String, _ remedy: String) {
            guard errors.count < Document.errorLimit else { return }
            errors.append(document.error(at: path, reason, remedy: remedy))
        }

        mutating func check(_ overlay: Overlay) {
            let path = spec + "subnets"
            checkFamilies(overlay.spec.subnets.map(\.family), at: path, "subnet")
            for (index, subnet) in overlay.spec.subnets.enumerated() {
                checkRange(subnet, at: path + index)
                if subnet.family.bitWidth - subnet.prefixLength < 2 {
                    report(path + index, "\(subnet) has no room for two hosts", "use a shorter prefix length")
                }
            }
            let network = overlay.spec.network.name
            if ReservedNames.networks.contains(network ?? overlay.metadata.name) {
                let path = network == nil ? FieldPath(keys: "metadata", "name") : spec + "network" + "name"
                report(
                    path, "\"\(network ?? overlay.metadata.name)\" is reserved by Podman",
                    network == nil ? "set spec.network.name to another name" : "choose another name")
            }
        }

        mutating func check(_ node: Node) {
            let members = Set(node.spec.overlays.map(\.name))
            for (index, membership) in node.spec.overlays.enumerated() {
                let path = spec + "overlays" + index
                checkFamilies(membership.addresses.map(\.family), at: path + "addresses", "address")
                for (number, route) in membership.routes.enumerated() {
                    checkRange(route, at: path + "routes" + number)
                }
            }
            // By number and transport: few can clash, and a document may publish thousands.
            var ports: [HostPort.Slot: [(port: HostPort, path: FieldPath)]] = [:]
            for (index, container) in node.spec.containers.enumerated() {
                let path = spec + "containers" + index
                for (number, network) in container.networks.enumerated() {
                    let place = path + "networks" + number
                    checkFamilies(network.addresses.map(\.family), at: place + "addresses", "address")
                    if !members.contains(network.overlay) {
                        report(
                            place + "overlay", "this node is not a member of \"\(network.overlay)\"",
                            "add it to spec.overlays with an address of this host")
                    }
                }
                for (number, port) in container.ports.enumerated() {
                    let place = path + "ports" + number
                    let hostPort = HostPort(port)
                    if let first = ports[hostPort.slot]?.first(where: { $0.port.collides(with: hostPort) }) {
                        report(
                            place,
                            "host port \(hostPort.slot.number)/\(hostPort.slot.transport) is published twice, first at "
                                + "\(document.position(at: first.path))", "choose another hostPort or hostIP")
                    }
                    ports[hostPort.slot, default: []].append((hostPort, place))
                }
                for problem in ContainerChecks(container, at: path, position: document.position(at:)).problems {
                    report(problem.path, problem.reason, problem.remedy)
                }
            }
        }

        private mutating func checkFamilies(_ families: [IPAddress.Family], at path: FieldPath, _ what: String) {
            for (index, family) in families.enumerated() where families[..<index].contains(family) {
                report(path + index, "a second IP\(family) \(what)", "keep one \(what) per family")
            }
        }

        /// Networks that no tunnel may carry.
        private mutating func checkRange(_ cidr: CIDR, at path: FieldPath) {
            if cidr.prefixLength == 0 {
                report(path, "\(cidr) is a default route, which needs a Gateway", "name the networks one by one")
                return
            }
            for (range, what) in DocumentChecks.reserved where range.overlaps(cidr) {
                report(path, "\(cidr) covers \(what) (\(range))", "choose another network")
            }
        }
    }

    private static let reserved: [(range: CIDR, what: String)] = [
        ("0.0.0.0/8", "\"this network\""), ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local addresses"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved addresses"), ("::/127", "loopback"),
        ("fe80::/10", "link-local addresses"), ("ff00::/8", "multicast"),
    ].compactMap { text, what in CIDR(text).map { ($0, what) } }

    private struct HostPort {
        struct Slot: Hashable {
            let number: UInt16
            let transport: String
        }

        let slot: Slot
        /// nil: on all addresses of the host.
        let address: IPAddress?

        init(_ port: Container.Port) {
            slot = Slot(number: port.hostPort ?? port.containerPort, transport: port.protocol)
            address = port.hostIP
        }

        func collides(with other: HostPort) -> Bool {
            slot == other.slot && (address == nil || other.address == nil || address == other.address)
        }
    }
}
