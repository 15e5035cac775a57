internal import Manifest
internal import NetAddress

/// Reads one host's variables into a tunnel, and reports what a manifest has no field for.
struct AnsibleHostReader {
    let role: WireGuardRole
    let variables: AnsibleVariables
    var tunnel: Tunnel
    var report = Report()

    init(_ host: String, at origin: Origin, _ variables: AnsibleVariables, _ role: WireGuardRole) {
        self.role = role
        self.variables = variables
        tunnel = Tunnel(name: host, origin: origin)
        tunnel.isNamedAsHost = true
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
        tunnel.fwmark = mark()
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
        report.add(
            variable.origin, problem, "put the public key of \(escaped(tunnel.name)) into spec.publicKey yourself")
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
        let known = address.map { Endpoint(host: .address($0), port: nil) } ?? Endpoint(name.value)
        guard let host = known, host.whyUnreachable == nil else {
            let why = known?.whyUnreachable ?? "it \(EndpointFault(in: name.value).reason)"
            report.add(
                name.origin,
                "\(shown(name.value)) is not where other hosts reach this one"
                    + (shown(name.value) == quoted(name.value) ? ": \(why)" : ""),
                "write its address or DNS name into spec.endpoint, if others dial it")
            return nil
        }
        return Sourced(
            value: Endpoint(host: host.host, port: host.port ?? tunnel.listenPort?.value), origin: name.origin)
    }

    /// What no field of a manifest is for.
    private mutating func reportRest() {
        for (name, variable) in variables where !role.translated.contains(name) {
            if let setting = role.untranslated[name] {
                guard let (reason, remedy) = setting.explanation(of: variable.value.anyText) else { continue }
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
}
