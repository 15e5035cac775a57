internal import NetAddress

extension Doctor {
    /// Whether the host's private key can be used, and is the one that the other hosts know it by.
    static func key(_ host: HostInspection, _ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        let path = host.daemon.keyPath
        switch host.daemon.key {
        case .unseen(let reason): return area.unknown("key", reason)
        case .seen(.unusable(let reason)):
            return area.problem("key", reason, why: "wgd does not use a key that others may have", remedy: [])
        case .seen(.absent):
            guard let identity = expected.identity, let wanted = identity.publicKey else {
                return area.ok("key", "none yet; wgd makes it at its first start")
            }
            return area.problem(
                "key", "\(path) does not exist, and \(identity.source) of Node \(identity.node) is \(wanted)",
                why: "wgd makes no other key than the one that the other hosts expect",
                remedy: [
                    "restore the key file (mode 0600, root's)",
                    "or remove \(identity.source): wgd makes a new key, whose public half must be put there",
                ])
        case .seen(.present(let found)):
            guard let identity = expected.identity else { return area.ok("key", "there, and for root alone") }
            guard let wanted = identity.publicKey else { return unknownToOthers(found, identity) }
            guard wanted != found else {
                return area.ok("key", "there, for root alone, and the one of Node \(identity.node)")
            }
            return area.problem(
                "key", "\(identity.source) of Node \(identity.node) is \(wanted), and this host's key is \(found)",
                why: "the other hosts refuse this host's handshakes, so wgd configures nothing with the key",
                remedy: [
                    "\(identity.source): \(found)", "or restore the private key of \(wanted) as \(path)",
                ])
        }
    }

    private static func unknownToOthers(_ key: PublicKey, _ identity: ExpectedHost.Identity) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        guard identity.hasPeers else {
            return area.ok("key", "there, and for root alone; Node \(identity.node) has no peers that would need it")
        }
        return area.warning(
            "key", "PublicKeyMissing: Node \(identity.node) has no spec.publicKey",
            why: "no other host can have this one as a peer, unless its host policy pins the key",
            remedy: ["spec:", "  publicKey: \(key)"])
    }
}
