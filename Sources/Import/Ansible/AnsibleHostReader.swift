internal import Manifest
internal import NetAddress

/// Reads one host's variables into a tunnel, and reports what a manifest has no field for.
struct AnsibleHostReader {
    private let role: WireGuardRole
    private let variables: AnsibleVariables
    private(set) var tunnel: Tunnel
    private(set) var report: Report

    init(_ host: String, at origin: Origin, _ variables: AnsibleVariables, _ role: WireGuardRole, report: Report) {
        self.role = role
        self.variables = variables
        self.report = report
        tunnel = Tunnel(name: host, origin: origin)
        readInterface()
        tunnel.reach.endpoint = endpoint(of: host)
        tunnel.reach.allowedIPs = variables[WireGuardRole.allowedIPs].map { networks($0) } ?? []
        tunnel.reach.keepalive = variables[WireGuardRole.keepalive].flatMap { keepalive($0) }
        if let peers = variables[role.peers] { readPeers(peers) }
        reportRest()
    }

    private mutating func readInterface() {
        for variable in role.addresses.compactMap({ variables[$0] }) {
            for item in texts(variable) {
                guard let address = InterfaceAddress(item.value) else {
                    report.add(
                        item.origin, "\(shown(item.value)) is not an address",
                        "write it such as 10.0.0.1 into spec.overlays[0].addresses")
                    continue
                }
                tunnel.addresses.append(Sourced(value: address, origin: item.origin))
            }
        }
        tunnel.interface =
            variables[role.interface].flatMap { text($0) }
            ?? Sourced(value: role.defaultInterface, origin: tunnel.origin.named(role.interface))
        // Left out, it is the role's default, which other hosts may override.
        tunnel.listenPort =
            number(WireGuardRole.port, 1...65535)
            ?? Sourced(value: role.defaultPort, origin: tunnel.origin.named(WireGuardRole.port))
        tunnel.mtu = number(WireGuardRole.mtu, 1280...65455)
        if let key = variables[WireGuardRole.privateKey] { readPrivateKey(key) }
    }

    private mutating func readPrivateKey(_ variable: AnsibleVariable) {
        var problem = "is not a private key in base64"
        switch variable.value.content {
        case .null: return
        case .text(let text):
            if let key = PublicKey(ofPrivateKey: text) {
                tunnel.publicKey = Sourced(value: key, origin: variable.origin)
                return
            }
        case .opaque(let reason, _): problem = reason
        case .list, .mapping: break
        }
        tunnel.hasUnreadableKey = true
        report.add(variable.origin, problem, "put the public key of \(tunnel.name) into spec.publicKey yourself")
    }

    /// The role's own variable, where an empty text means none; else `ansible_host`; else the host's name.
    private mutating func endpoint(of host: String) -> Sourced<Endpoint>? {
        let given = variables[role.endpoint] ?? variables["ansible_host"]
        guard let variable = given else {
            return endpoint(Sourced(value: host, origin: tunnel.origin.named(role.endpoint)))
        }
        guard let name = text(variable), !name.value.isEmpty else { return nil }
        return endpoint(name)
    }

    private mutating func endpoint(_ name: Sourced<String>) -> Sourced<Endpoint>? {
        let address = IPAddress(name.value)
        guard let host = address.map({ Endpoint(host: .address($0), port: nil) }) ?? Endpoint(name.value),
            address?.isLoopback != true, name.value != "localhost"
        else {
            report.add(
                name.origin, "\(shown(name.value)) is not where other hosts reach this one",
                "write its address or DNS name into spec.endpoint, if others dial it")
            return nil
        }
        return Sourced(
            value: Endpoint(host: host.host, port: host.port ?? tunnel.listenPort?.value), origin: name.origin)
    }

    // MARK: peers that are no hosts of the inventory

    /// A mapping by name, or a list.
    private mutating func readPeers(_ variable: AnsibleVariable) {
        switch variable.value.content {
        case .mapping(let entries):
            for entry in entries {
                readPeer(
                    entry.value, name: entry.name,
                    Origin(
                        file: variable.origin.file, position: entry.position, path: variable.origin.path + entry.name))
            }
        case .list(let items):
            for (index, item) in items.enumerated() {
                readPeer(
                    item, name: nil,
                    Origin(file: variable.origin.file, position: item.position, path: variable.origin.path + index))
            }
        // `false` is the default of a role without such peers.
        case .null, .text("false"), .text("False"), .text(""): return
        case .text: report.add(variable.origin, "is neither a mapping nor a list of peers", "correct it")
        case .opaque(let reason, let remedy): report.add(variable.origin, reason, remedy)
        }
    }

    private mutating func readPeer(_ value: AnsibleValue, name: String?, _ origin: Origin) {
        guard case .mapping(let entries) = value.content else {
            if case .opaque(let reason, let remedy) = value.content { return report.add(origin, reason, remedy) }
            return report.add(origin, "is not a peer", "write a mapping with \(role.peerKeys.publicKey)")
        }
        let fields = Dictionary(
            entries.map { entry in
                let place = Origin(file: origin.file, position: entry.position, path: origin.path + entry.name)
                return (entry.name, AnsibleVariable(value: entry.value, origin: place))
            }, uniquingKeysWith: { $1 })
        let keys = role.peerKeys
        guard let text = fields[keys.publicKey].flatMap({ text($0) }), let publicKey = PublicKey(text.value) else {
            return report.add(
                fields[keys.publicKey]?.origin ?? origin, "there is no public key in base64",
                "correct it; the peer is left out")
        }
        var peer = Peer(name: name, origin: origin, publicKey: publicKey)
        peer.name = peer.name ?? keys.name.flatMap { fields[$0] }.flatMap { self.text($0)?.value }
        peer.reach.allowedIPs = fields[keys.allowedIPs].map { networks($0) } ?? []
        peer.reach.keepalive = fields[keys.keepalive].flatMap { keepalive($0) }
        if let endpoint = fields[keys.endpoint].flatMap({ self.text($0) }), !endpoint.value.isEmpty {
            peer.reach.endpoint = wireGuardEndpoint(endpoint.value).map { Sourced(value: $0, origin: endpoint.origin) }
            if peer.reach.endpoint == nil {
                report.add(
                    endpoint.origin, "\(shown(endpoint.value)) is not HOST:PORT or [IPv6]:PORT",
                    "write the right one into spec.endpoint")
            }
        }
        if let preshared = keys.presharedKey.flatMap({ fields[$0] }) { report.addPresharedKey(preshared.origin) }
        let known = [keys.publicKey, keys.presharedKey, keys.name, keys.allowedIPs, keys.endpoint, keys.keepalive]
        for (name, field) in fields where !known.contains(name) {
            report.add(field.origin, "the role has no such field of a peer", "correct or remove it")
        }
        tunnel.peers.append(peer)
    }

    // MARK: values

    private mutating func reportRest() {
        for (name, variable) in variables where !role.translated.contains(name) {
            if let setting = role.untranslated[name] {
                guard let value = texts(variable).first(where: { !$0.value.isEmpty }),
                    let (reason, remedy) = setting.explanation(of: value.value)
                else { continue }
                report.add(variable.origin, reason, remedy)
            } else if name == "client_vpn_ip", let address = text(variable), !address.value.isEmpty {
                report.add(
                    variable.origin, "the client's key is not in the inventory",
                    "write a Node with this address and the client's public key")
            } else if name.hasPrefix("wireguard_"), !WireGuardRole.concernsInstallation(name) {
                report.add(variable.origin, "has no counterpart in manifests", "see whether it is still needed")
            }
        }
    }

    /// Text, of a list each item; a text may hold several, separated by commas or white space.
    private mutating func texts(_ variable: AnsibleVariable) -> [Sourced<String>] {
        guard case .list(let items) = variable.value.content else {
            guard let text = text(variable) else { return [] }
            let words = text.value.split { $0 == "," || $0.isWhitespace }
            return words.map { Sourced(value: String($0), origin: text.origin) }
        }
        return items.enumerated().flatMap { index, item -> [Sourced<String>] in
            var origin = variable.origin
            (origin.position, origin.path) = (item.position, origin.path + index)
            return texts(AnsibleVariable(value: item, origin: origin))
        }
    }

    private mutating func text(_ variable: AnsibleVariable) -> Sourced<String>? {
        switch variable.value.content {
        case .text(let text): return Sourced(value: text, origin: variable.origin)
        case .null: return nil
        case .opaque(let reason, let remedy): report.add(variable.origin, reason, remedy)
        case .list, .mapping: report.add(variable.origin, "is not a text", "write a single value")
        }
        return nil
    }

    private mutating func networks(_ variable: AnsibleVariable) -> [Sourced<CIDR>] {
        texts(variable).compactMap { text in
            if let network = wireGuardAllowedIP(text.value) { return Sourced(value: network, origin: text.origin) }
            report.add(
                text.origin, "\(shown(text.value)) is not an address or network",
                "write it such as 10.0.0.0/24 into spec.overlays[0].routes")
            return nil
        }
    }

    private mutating func keepalive(_ variable: AnsibleVariable) -> Sourced<UInt16>? {
        guard let text = text(variable), !text.value.isEmpty else { return nil }
        if let seconds = wireGuardKeepalive(text.value) { return Sourced(value: seconds, origin: text.origin) }
        report.add(text.origin, "\(shown(text.value)) is neither off nor 0 to 65535 seconds", "correct it")
        return nil
    }

    private mutating func number<Number: FixedWidthInteger>(
        _ name: String, _ range: ClosedRange<Number>
    ) -> Sourced<Number>? {
        guard let text = variables[name].flatMap({ text($0) }), !text.value.isEmpty else { return nil }
        if let number: Number = decimal(text.value), range.contains(number) {
            return Sourced(value: number, origin: text.origin)
        }
        report.add(
            text.origin, "\(shown(text.value)) is not a number from \(range.lowerBound) to \(range.upperBound)",
            "correct it in the Overlay, if the default will not do")
        return nil
    }
}
