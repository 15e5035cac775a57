internal import HostState
internal import NetAddress

/// Decides which peer is probed when, and what its answers mean. Pure: the caller passes every instant.
///
/// All peers that can be probed are in a ring, in the order of a hash, and have their turns at equal distances: each
/// once in a period. New peers, and peers about which something suggests that their state has changed, are urgent:
/// while there are any, every second probe is theirs. No second has more probes than `SendWindow` allows, so with many
/// peers the period is longer.
struct ProbeSchedule {
    static let shortestPeriod = Duration.seconds(30)
    /// Turns that are due are taken together, and so are probes without an answer.
    static let grain = Duration.milliseconds(500)

    struct Probe: Sendable {
        var number: UInt32
        var path: PeerSighting.Path
    }

    private let node: String
    private var peers: [PeerKey: ProbedPeer] = [:]
    /// Those that can be probed, in their order.
    private var ring: [PeerKey] = []
    private var cursor = 0
    private var nextTurn: ContinuousClock.Instant?
    private var window = SendWindow()
    private var flights = ProbeFlights()
    private var urgent = KeyQueue()
    private var retries = KeyQueue()
    private var waiting: [(key: PeerKey, until: ContinuousClock.Instant)] = []
    private var isRingsTurn = true
    private var loss = RecentLoss()
    private var steppedAt: ContinuousClock.Instant?
    /// Peers of which something is known now that was not before.
    private(set) var news: Set<PeerKey> = []

    /// - Parameter node: this host's, so that hosts differ in the order of their peers.
    init(node: String) { self.node = node }

    /// How long it takes to probe each peer once.
    var period: Duration { ProbeSchedule.period(of: ring.count) }

    static func period(of count: Int) -> Duration {
        max(shortestPeriod, SendWindow.length * count / SendWindow.limit)
    }

    func probe(of key: PeerKey) -> PeerProbe? { peers[key]?.probe }

    /// The peers with news since the last call.
    mutating func takeNews() -> Set<PeerKey> {
        defer { news = [] }
        return news
    }

    // MARK: Which peers there are

    /// Adopts the peers of the plan that the kernel has.
    mutating func update(_ sightings: [PeerSighting], at now: ContinuousClock.Instant) {
        var isSame = true
        for sighting in sightings {
            let before = peers[sighting.key]
            var peer = before ?? ProbedPeer(sighting, from: node, at: now)
            if before == nil { news.insert(sighting.key) }
            if before == nil || (peer.path == nil) != (sighting.path == nil) { isSame = false }
            let isUrgent = peer.adopt(sighting) || before == nil
            if isUrgent { hurry(&peer, sighting.key) }
            peers[sighting.key] = peer
        }
        if peers.count != sightings.count {
            isSame = false
            let present = Set(sightings.map(\.key))
            peers = peers.filter { present.contains($0.key) }
        }
        steppedAt = steppedAt ?? now
        if !isSame { makeRing(at: now) }
    }

    private mutating func makeRing(at now: ContinuousClock.Instant) {
        let last = ring.isEmpty ? nil : peers[ring[cursor]]?.order
        let ordered = peers.compactMap { key, peer in peer.path == nil ? nil : (order: peer.order, key: key) }
            .sorted { ($0.order, $0.key) < ($1.order, $1.key) }
        ring = ordered.map(\.key)
        cursor = last.flatMap { last in ordered.firstIndex { $0.order >= last } } ?? 0
        guard let first = ordered.first else {
            nextTurn = nil
            return
        }
        // Hosts that start together do not begin together.
        let spread = Double(first.order >> 11) / Double(1 << 53)
        nextTurn = min(nextTurn ?? now + spacing * spread, now + spacing)
    }

    private var spacing: Duration { period / max(ring.count, 1) }

    private mutating func hurry(_ peer: inout ProbedPeer, _ key: PeerKey) {
        guard !peer.isUrgent, peer.path != nil else { return }
        peer.isUrgent = true
        urgent.append(key)
    }

    // MARK: Probes

    /// Gives up what nobody has answered, and returns what to send now.
    mutating func step(at now: ContinuousClock.Instant) -> [Probe] {
        steppedAt = now
        while let flight = flights.expire(at: now) { missed(flight.key, at: now) }
        wakeWaiting(at: now)
        // After a pause, such as of a machine that slept, nobody catches up.
        if let due = nextTurn, now - due > SendWindow.length { nextTurn = now }
        var probes: [Probe] = []
        while window.isOpen(at: now), let key = nextKey(at: now), let path = peers[key]?.path {
            window.note(at: now)
            peers[key]?.sentAt = now
            peers[key]?.isUrgent = false
            probes.append(Probe(number: flights.add(key, path.address, at: now), path: path))
        }
        return probes
    }

    private mutating func nextKey(at now: ContinuousClock.Instant) -> PeerKey? {
        if isRingsTurn, let key = ringKey(at: now) {
            isRingsTurn = false
            return key
        }
        if let key = queuedKey(at: now) {
            isRingsTurn = true
            return key
        }
        return ringKey(at: now)
    }

    private mutating func queuedKey(at now: ContinuousClock.Instant) -> PeerKey? {
        while let key = urgent.next() {
            if let peer = peers[key], peer.isUrgent, peer.path != nil { return key }
        }
        while let key = retries.next() {
            guard let peer = peers[key], peer.path != nil, !peer.probe.state.isAnswered else { continue }
            // The ring has just asked it.
            if let sentAt = peer.sentAt, now - sentAt < ProbeFlights.timeout { continue }
            return key
        }
        return nil
    }

    /// The one whose turn it is. Those that were probed a moment ago are passed over.
    private mutating func ringKey(at now: ContinuousClock.Instant) -> PeerKey? {
        guard let due = nextTurn, due <= now else { return nil }
        nextTurn = due + spacing
        for _ in ring {
            let key = ring[cursor]
            cursor = (cursor + 1) % ring.count
            if let sentAt = peers[key]?.sentAt, now - sentAt < period / 4 { continue }
            return key
        }
        return nil
    }

    private mutating func wakeWaiting(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.until <= now }) else { return }
        for (key, until) in waiting where until <= now {
            peers[key]?.isWaiting = false
            retries.append(key)
        }
        waiting.removeAll { $0.until <= now }
    }

    /// When to call `step` next; nil to wait for news.
    mutating func nextStep() -> ContinuousClock.Instant? {
        let opens = window.opensAt
        func open(_ instant: ContinuousClock.Instant) -> ContinuousClock.Instant { max(instant, opens ?? instant) }
        var calm = [nextTurn.map(open), flights.nextExpiry()].compactMap { $0 }.min()
        if let last = steppedAt, let next = calm { calm = max(next, last + ProbeSchedule.grain) }
        var pressing = waiting.map(\.until).min().map(open)
        if !urgent.isEmpty || !retries.isEmpty { pressing = opens ?? steppedAt ?? pressing }
        return [calm, pressing].compactMap { $0 }.min()
    }

    /// How many new peers may wait for another attempt; the rest have their turns in the ring. With many peers the
    /// ring leaves room for few.
    private var waitingLimit: Int { ring.count < 1000 ? 100 : 10 }

    // MARK: Outcomes

    /// A reply came.
    mutating func answered(_ number: UInt32, by address: IPAddress, at instant: ContinuousClock.Instant) {
        guard let flight = flights.end(number), flight.address == address, var peer = peers[flight.key] else { return }
        defer { peers[flight.key] = peer }
        guard !flight.isOver else {
            // Too late to count, but somebody is there.
            if !peer.probe.state.isAnswered { hurry(&peer, flight.key) }
            return
        }
        loss.note(isLost: false)
        peer.hasAnswered = true
        peer.misses = 0
        let roundTrip = max((instant - flight.sentAt) / .microseconds(1), 0)
        peer.probe.note(.answered(microseconds: Int64(roundTrip)), at: flight.sentAt)
        news.insert(flight.key)
    }

    /// A probe could not be sent.
    ///
    /// - Parameter isUnreachable: the kernel knows no way to the peer; otherwise nothing is known of it.
    mutating func notSent(_ number: UInt32, isUnreachable: Bool, at now: ContinuousClock.Instant) {
        guard let flight = flights.end(number), !flight.isOver, isUnreachable else { return }
        missed(flight.key, at: now, sentAt: flight.sentAt)
    }

    private mutating func missed(_ key: PeerKey, at now: ContinuousClock.Instant) {
        missed(key, at: now, sentAt: now - ProbeFlights.timeout)
    }

    private mutating func missed(_ key: PeerKey, at now: ContinuousClock.Instant, sentAt: ContinuousClock.Instant) {
        guard var peer = peers[key] else { return }
        defer { peers[key] = peer }
        peer.misses += 1
        news.insert(key)
        if peer.probe.state.isAnswered {
            loss.note(isLost: true)
            if peer.misses < ProbedPeer.patience, !loss.isOutage {
                peer.probe.noteMiss()
                return hurry(&peer, key)
            }
        }
        peer.probe.note(.unanswered, at: sentAt)
        guard !peer.hasAnswered, peer.misses <= ProbedPeer.retries, !peer.isWaiting, waiting.count < waitingLimit
        else { return }
        peer.isWaiting = true
        waiting.append((key, now + .milliseconds(250 << peer.misses)))
    }
}
