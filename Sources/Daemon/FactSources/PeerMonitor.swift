internal import Convergence
internal import Descriptors
internal import HostState
internal import NetAddress
internal import Planner
internal import Probes
internal import Reconciler

/// Finds out whether peers answer: one echo over the overlay after a peer is programmed, more only while it is silent.
///
/// The probe completes the handshake before the first real packet. An idle peer is not probed: only when we transmit
/// without receiving is it probed again. Peers that stay silent are probed in rounds of limited size, and at once when
/// one is heard.
actor PeerMonitor {
    /// How often a peer is probed, with pauses that grow to half a minute, before it joins the rounds. The limit is
    /// lower while more peers are silent than fit into a round.
    private static let patience = 7
    private static let shortPatience = 3
    static let roundInterval = Duration.seconds(30)
    /// Peers probed per round: the longest silent first.
    static let roundSize = 120

    private struct Watched {
        var publicKey: PublicKey
        var attempts = 0
        var nextAttempt: ContinuousClock.Instant
        var isAnswered = false
        var transmitted: UInt64 = 0
        var received: UInt64 = 0

        func isPatient(among silent: Int) -> Bool {
            attempts < (silent > PeerMonitor.roundSize ? PeerMonitor.shortPatience : PeerMonitor.patience)
        }
    }

    private let board: FactBoard
    private let probes: FactWriter<PeerProbes>
    private let clock: HostClock
    private let echo = EchoProbe()
    private let changed: @Sendable () async -> Void
    private nonisolated let wakeUp = WakeUp()
    private var watched: [PeerKey: Watched] = [:]
    /// Peers that were programmed again: their session is gone whatever was seen before.
    private var programmed: Set<PublicKey> = []
    /// Peers that no observation of the kernel contains yet, and the last observation before them. They count as
    /// present until the next observation.
    private var unseen: (keys: Set<PublicKey>, lastLook: ContinuousClock.Instant?) = ([], nil)
    private var nextRound = ContinuousClock.now

    init(board: FactBoard, clock: HostClock = HostClock(), changed: @escaping @Sendable () async -> Void) {
        self.board = board
        self.clock = clock
        probes = board.writer()
        self.changed = changed
    }

    nonisolated func wake() { wakeUp.wake() }

    func peersProgrammed(_ keys: [PublicKey]) {
        programmed.formUnion(keys)
        let lastLook = board.read(KernelObservation.self).observedAt
        unseen = (lastLook == unseen.lastLook ? unseen.keys.union(keys) : Set(keys), lastLook)
        wake()
    }

    func run() async {
        while !Task.isCancelled {
            let (targets, next) = due(at: .now)
            if targets.isEmpty { await wakeUp.sleep(until: next) } else { await probe(targets) }
        }
    }

    struct Target: Sendable {
        var key: PeerKey
        var address: IPAddress
        var source: IPAddress?
    }

    /// Updates the watch list to the desired and programmed peers, and returns those to probe now and the time of the
    /// next probe. Peers that cannot be probed yet have none: the network lane wakes us after its observation.
    func due(at now: ContinuousClock.Instant) -> (targets: [Target], next: ContinuousClock.Instant?) {
        let state = board.facts
        if unseen.lastLook != state[KernelObservation.self].observedAt { unseen.keys = [] }
        var targets: [Target] = []
        var silent: [(target: Target, since: ContinuousClock.Instant)] = []
        let silentBefore = watched.values.count { !$0.isAnswered && $0.attempts > 0 }
        var next: ContinuousClock.Instant?
        var present: Set<PeerKey> = []
        for device in state.desired.kernel.devices {
            guard let observed = state.kernel?.devices[device.interface],
                state.kernel?.links[device.interface]?.isUp ?? false
            else { continue }
            let sources = state.desired.kernel.addresses.filter { $0.interface == device.interface }.map(\.address)
            for peer in device.peers {
                guard let live = observed.peers[peer.publicKey] ?? unseen(peer.publicKey),
                    let address = peer.probeAddresses.first
                else { continue }
                let key = PeerKey(overlay: device.overlay, node: peer.node)
                present.insert(key)
                var entry = watched[key] ?? Watched(publicKey: peer.publicKey, nextAttempt: now)
                if entry.publicKey != peer.publicKey || programmed.contains(peer.publicKey) {
                    entry = Watched(publicKey: peer.publicKey, nextAttempt: now)
                }
                let isHeard = live.receivedBytes > entry.received
                if entry.isAnswered, isSilent(live, since: entry) {
                    entry.isAnswered = false
                    entry.attempts = 0
                    entry.nextAttempt = now
                }
                entry.transmitted = live.transmittedBytes
                entry.received = live.receivedBytes
                watched[key] = entry
                let source = sources.first { $0.family == address.family }
                let isRouted = state.kernel?.addresses.contains { $0.address == source } ?? false
                guard !entry.isAnswered, isRouted else { continue }
                let target = Target(key: key, address: address, source: source)
                if entry.isPatient(among: silentBefore) ? entry.nextAttempt <= now : isHeard {
                    targets.append(target)
                } else if !entry.isPatient(among: silentBefore) {
                    silent.append((target, entry.nextAttempt))
                } else {
                    next = min(next ?? entry.nextAttempt, entry.nextAttempt)
                }
            }
        }
        if !silent.isEmpty {
            if nextRound <= now {
                nextRound = now + PeerMonitor.roundInterval
                targets += silent.sorted { $0.since < $1.since }.prefix(PeerMonitor.roundSize).map(\.target)
            }
            next = min(next ?? nextRound, nextRound)
        }
        programmed = []
        watched = watched.filter { present.contains($0.key) }
        let known = probes.value.states.filter { present.contains($0.key) }
        probes.set(\.states, to: known)
        return (targets.sorted { $0.key < $1.key }, next)
    }

    /// A newly programmed peer: nothing was received from it.
    private func unseen(_ key: PublicKey) -> ObservedPeer? {
        unseen.keys.contains(key) ? ObservedPeer(publicKey: key) : nil
    }

    /// An answered peer counts as silent only if we transmit, receive nothing, and its session is over.
    private func isSilent(_ peer: ObservedPeer, since entry: Watched) -> Bool {
        peer.transmittedBytes > entry.transmitted && peer.receivedBytes == entry.received
            && !clock.read().isFresh(peer.latestHandshake)
    }

    private func probe(_ targets: [Target]) async {
        await withTaskGroup(of: (PeerKey, Duration?).self) { group in
            var waiting = targets[...]
            func addNext() {
                guard let target = waiting.popFirst() else { return }
                group.addTask { [echo] in
                    let answer = try? await echo.ping(
                        target.address, from: target.source, timeout: .seconds(2))
                    return (target.key, answer ?? nil)
                }
            }
            for _ in 0..<64 { addNext() }
            for await (key, roundTrip) in group {
                note(roundTrip, of: key)
                addNext()
            }
        }
        await changed()
    }

    /// - Parameter roundTrip: nil without an answer.
    func note(_ roundTrip: Duration?, of key: PeerKey, at now: ContinuousClock.Instant = .now) {
        guard var entry = watched[key] else { return }
        entry.attempts += 1
        entry.isAnswered = roundTrip != nil
        // An unanswered probe took two seconds itself; the pause grows to half a minute.
        entry.nextAttempt = now + min(.seconds(30), .milliseconds(250 << min(entry.attempts, 8)))
        watched[key] = entry
        let state: ProbeState =
            if let roundTrip {
                .answered(microseconds: roundTrip / .microseconds(1) > 0 ? Int64(roundTrip / .microseconds(1)) : 0)
            } else {
                .unanswered(attempts: entry.attempts)
            }
        probes.set(\.states[key], to: state)
    }
}
