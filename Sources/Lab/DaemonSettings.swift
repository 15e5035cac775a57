/// The settings of a lab host's daemon.
struct DaemonSettings {
    var node: String
    var manifests: String
    var policy: String
    var peerKeys: String

    /// The daemon's name first.
    var arguments: [String] {
        [
            "wgd", "--node", node, "--manifests", manifests, "--policy", policy, "--peer-keys", peerKeys,
            "--trust-manifest-writers",
        ]
    }

    /// The same as `/etc/default/wgd`, where a host's own commands look: `wgctl doctor` would take the machine's.
    ///
    /// - Parameter hasPeerKeys: false where a daemon is started by hand, without that map.
    func file(hasPeerKeys: Bool) -> String {
        var lines = ["WGD_NODE=\(node)", "WGD_MANIFESTS=\"\(manifests)\"", "WGD_POLICY=\"\(policy)\""]
        if hasPeerKeys { lines.append("WGD_PEER_KEYS=\"\(peerKeys)\"") }
        return lines.joined(separator: "\n") + "\n"
    }
}
