internal import HostState
internal import NetAddress

/// What is known of a probed peer.
struct ProbedPeer {
    /// The misses in a row after which a peer that answered counts as silent: one packet is lost now and then.
    static let patience = 3
    /// How often a peer that has not answered yet is probed again soon, with pauses that double.
    static let retries = 6

    /// Its place among all peers, the same after every restart.
    let order: UInt64
    var publicKey: PublicKey
    var path: PeerSighting.Path?
    var receivedBytes: UInt64
    var transmittedBytes: UInt64
    /// When the last probe was sent, answered or not.
    var sentAt: ContinuousClock.Instant?
    /// Whether it has answered since it was programmed.
    var hasAnswered = false
    /// Unanswered probes in a row.
    var misses = 0
    /// Whether it is in the queue of those to probe next.
    var isUrgent = false
    var isWaiting = false
    var probe: PeerProbe

    init(_ sighting: PeerSighting, from node: String, at now: ContinuousClock.Instant) {
        order = ProbedPeer.order(of: sighting.key, from: node)
        publicKey = sighting.publicKey
        receivedBytes = sighting.receivedBytes
        transmittedBytes = sighting.transmittedBytes
        probe = PeerProbe(at: now)
    }

    /// - Returns: whether something suggests that its state has changed.
    mutating func adopt(_ sighting: PeerSighting) -> Bool {
        let isNew = publicKey != sighting.publicKey || sighting.isProgrammed
        let isBack = path == nil && sighting.path != nil
        let isHeard = sighting.receivedBytes > receivedBytes && !probe.state.isAnswered
        // What was sent got no answer, and the session is over.
        let isSilent =
            probe.state.isAnswered && !sighting.isSessionFresh && sighting.transmittedBytes > transmittedBytes
            && sighting.receivedBytes == receivedBytes
        (publicKey, path) = (sighting.publicKey, sighting.path)
        (receivedBytes, transmittedBytes) = (sighting.receivedBytes, sighting.transmittedBytes)
        if isNew { (hasAnswered, misses) = (false, 0) }
        if path == nil { isUrgent = false }
        return isNew || isBack || isHeard || isSilent
    }

    /// A hash (FNV-1a, then a mix of MurmurHash3): hosts that start together probe a common peer at different times,
    /// and each host in the same order every time.
    static func order(of key: PeerKey, from node: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [node, key.overlay, key.node] {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        return hash ^ hash >> 33
    }
}
