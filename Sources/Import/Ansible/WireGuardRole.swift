/// The variables of a role that sets WireGuard up, as its documentation names them.
struct WireGuardRole: Sendable {
    /// The fields of a peer that is no host of the inventory.
    struct PeerKeys: Sendable {
        var name: String?
        var publicKey: String
        var presharedKey: String?
        var allowedIPs: String
        var endpoint = "endpoint"
        var keepalive: String
    }

    /// A host with one of these takes part.
    var addresses: [String]
    var endpoint: String
    var interface: String
    var defaultInterface: String
    var defaultPort: UInt16
    var peers: String
    var peerKeys: PeerKeys
    var untranslated: [String: Untranslated]

    static let port = "wireguard_port"
    static let mtu = "wireguard_mtu"
    static let mark = "wireguard_fwmark"
    static let privateKey = "wireguard_private_key"
    static let allowedIPs = "wireguard_allowed_ips"
    static let keepalive = "wireguard_persistent_keepalive"

    /// githubixx.ansible_role_wireguard
    static let githubixx = WireGuardRole(
        addresses: ["wireguard_address", "wireguard_addresses"], endpoint: "wireguard_endpoint",
        interface: "wireguard_interface", defaultInterface: "wg0", defaultPort: 51820,
        peers: "wireguard_unmanaged_peers",
        peerKeys: PeerKeys(
            publicKey: "public_key", presharedKey: "preshared_key", allowedIPs: "allowed_ips",
            keepalive: "persistent_keepalive"),
        untranslated: [
            "wireguard_dns": .resolver, "wireguard_table": .table, "wireguard_save_config": .saving,
            "wireguard_preup": .command, "wireguard_postup": .command, "wireguard_predown": .command,
            "wireguard_postdown": .command,
        ])

    /// mawalu.wireguard_private_networking
    static let mawalu = WireGuardRole(
        addresses: ["vpn_ip"], endpoint: "public_addr", interface: "wireguard_network_name",
        defaultInterface: "private", defaultPort: 5888, peers: "wireguard_additional_peers",
        peerKeys: PeerKeys(name: "comment", publicKey: "key", allowedIPs: "ip", keepalive: "keepalive"),
        untranslated: ["wireguard_post_up": .command, "wireguard_post_down": .command])

    /// The role that a host's variables are for.
    static func of(_ variables: AnsibleVariables) -> WireGuardRole? {
        [githubixx, mawalu].first { role in role.addresses.contains { variables[$0] != nil } }
    }

    var translated: Set<String> {
        Set(
            addresses + [
                endpoint, interface, peers, Self.port, Self.mtu, Self.mark, Self.privateKey, Self.allowedIPs,
                Self.keepalive,
            ])
    }

    /// How the roles install things: nothing of it is left to do.
    static func concernsInstallation(_ name: String) -> Bool {
        let prefixes = [
            "conf_", "service_", "ubuntu_", "rockylinux8_", "centos7_", "interface_restart", "update_cache",
        ]
        let names = [
            "install_kernel_module", "remote_directory", "path", "sources_path", "manage_unmanaged_peers_config",
        ]
        let rest = name.dropFirst("wireguard_".count)
        return prefixes.contains { rest.hasPrefix($0) } || names.contains(String(rest))
    }
}
