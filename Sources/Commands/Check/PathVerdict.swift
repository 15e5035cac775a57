internal import ControlAPI
internal import Convergence
internal import Probes

/// Judges what was measured of a path, and says where to look. Pure.
struct PathVerdict {
    /// Seconds after which WireGuard gives a session up (REJECT_AFTER_TIME, WireGuard white paper, section 6).
    static let sessionLifetime = 180.0

    var path: CheckedPath
    var measured: PathProbe.Measurement
    /// The peer's counters before the probes and after them.
    var before: TrafficReport.Peer?
    var after: TrafficReport.Peer?
    /// When `after` was read: seconds since the epoch.
    var readAt: Double
    /// Percent of the echoes.
    var toleratedLoss: Int
    /// Whether this host itself had an echo of the node; nil when it did not ask.
    var hostReachesNode: Bool?
    /// Whether this path's origin had an echo of the node itself; nil when it did not ask.
    var originReachesNode: Bool?

    func result() -> PathResult {
        let (outcome, message) = judge()
        return PathResult(path, measured, peer: after, result: outcome, message: message)
    }

    private func judge() -> (PathResult.Outcome, String?) {
        if let reason = path.peer.keyMissing { return (.publicKeyMissing, reason) }
        if let reason = path.peer.noPath { return (.noPath, reason) }
        if measured.sent == 0 {
            return (.notSent, measured.error.map { "\($0)" } ?? "the container has ended meanwhile")
        }
        let received = measured.roundTrips.count
        if received == 0 { return silence() }
        if (measured.sent - received) * 100 > toleratedLoss * measured.sent {
            return (
                .packetLoss,
                "\(measured.sent - received) of \(measured.sent) echoes were lost: look at the link between both hosts"
            )
        }
        if let mtu = measured.mtu, mtu.carried ?? 0 < mtu.promised { return (.pathMTU, shortfall(mtu)) }
        return (.ok, nil)
    }

    private func shortfall(_ mtu: PathProbe.MTU) -> String {
        let least = PathMTUSearch.leastMTU
        let vanish = "longer packets vanish without a word to their sender"
        guard let carried = mtu.carried else {
            return "not even packets of \(least) bytes pass, and \(mtu.promised) are promised; \(vanish): look at the "
                + "MTUs and firewalls between both hosts"
        }
        return "packets of up to \(carried) bytes pass, and \(mtu.promised) are promised; \(vanish): mend the path "
            + "between both hosts, or set spec.wireguard.mtu: \(carried) of Overlay \(path.overlay.name)"
    }

    // MARK: No echo at all

    private func silence() -> (PathResult.Outcome, String) {
        let node = path.peer.node
        guard let peer = after else {
            return (
                .noHandshake,
                "\(path.overlay.interface) has no peer \(node) yet: see `wgctl describe node \(node)`"
            )
        }
        if originReachesNode == true {
            return (
                .noReply,
                "\(node) answers, but \(path.to) does not: does it run there, and has it this address? "
                    + "See `wgctl get containers` on \(node)"
            )
        }
        if path.from.kind == .container, hostReachesNode == true {
            return (
                .noReply,
                "this host reaches \(node), but \(path.from) does not: look at the rules for forwarded packets here "
                    + "and on \(node) (`nft list ruleset`), and at the bridge"
            )
        }
        guard let handshake = peer.latestHandshake, readAt - Double(handshake) <= Self.sessionLifetime else {
            return (.noHandshake, noHandshake(peer))
        }
        let age = Age.text(seconds: readAt - Double(handshake))
        let isReceiving = peer.receivedBytes > (before?.receivedBytes ?? 0)
        return isReceiving
            ? (
                .noReply,
                "packets of \(node) arrive (handshake \(age) ago), but no echo: on \(node), look at the firewall "
                    + "(ICMP), at the routes and allowed IPs of this host, and whether UDP from here still reaches it"
            )
            : (
                .noReply,
                "no echo, and nothing else came back since the handshake \(age) ago: look whether UDP still passes "
                    + "between this host and \(peer.endpoint ?? node), then at the firewall (ICMP), routes and allowed "
                    + "IPs on \(node)"
            )
    }

    private func noHandshake(_ peer: TrafficReport.Peer) -> String {
        let node = path.peer.node
        if let endpoint = peer.endpoint {
            return "no handshake with \(node) at \(endpoint): does wgd run there, does UDP pass between both hosts in "
                + "both directions, has each the other's current public key, and are both clocks right?"
        }
        if let name = path.peer.endpoint {
            return
                "no handshake with \(node): the name of its endpoint, \(name), does not resolve to a usable address; check DNS, or "
                + "write an address"
        }
        return "no handshake with \(node), which has no endpoint and must dial: does wgd run there, and do UDP "
            + "packets from it reach port \(path.overlay.listenPort) of this host?"
    }
}
