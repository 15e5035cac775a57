internal import Convergence
internal import Descriptors
internal import Foundation
internal import Glibc
internal import HostState
internal import NetAddress
internal import Probes
internal import Reconciler
internal import Synchronization

/// Finds out whether peers answer, with echoes over the overlay: `ProbeSchedule` decides when.
///
/// One task and one timer serve all peers. The probe of a new peer also completes its handshake, before the first real
/// packet.
actor PeerMonitor {
    private let board: FactBoard
    private let probes: FactWriter<PeerProbes>
    private let clock: HostClock
    private let echoes: EchoBatch
    private let inbox = ReplyInbox()
    private nonisolated let wakeUp = WakeUp()
    private let changed: PacedTask
    private var schedule: ProbeSchedule
    /// Whether the plan or the kernel may have changed since the last look.
    private var isStale = true
    /// Peers that were programmed again: their session is gone whatever was seen before.
    private var programmed: Set<PublicKey> = []
    /// Peers that no observation of the kernel contains yet, and the last observation before them. They count as
    /// present until the next observation.
    private var unseen: (keys: Set<PublicKey>, lastLook: ContinuousClock.Instant?) = ([], nil)

    /// - Parameters:
    ///   - node: this host's Node.
    ///   - changed: called, not too often, when the readiness of a peer may have changed.
    init(
        board: FactBoard, node: String, clock: HostClock = HostClock(), changed: @escaping @Sendable () async -> Void
    ) {
        self.board = board
        self.clock = clock
        self.changed = PacedTask(changed)
        probes = board.writer()
        schedule = ProbeSchedule(node: node)
        echoes = EchoBatch { [inbox, wakeUp] replies in
            inbox.add(replies)
            wakeUp.wake()
        }
    }

    /// To be called after every round of the network lane.
    func peersProgrammed(_ keys: [PublicKey]) {
        programmed.formUnion(keys)
        let lastLook = board.read(KernelObservation.self).observedAt
        unseen = (lastLook == unseen.lastLook ? unseen.keys.union(keys) : Set(keys), lastLook)
        isStale = true
        wakeUp.wake()
    }

    func run() async {
        while !Task.isCancelled {
            for reply in inbox.take() { answered(reply.number, by: reply.sender, at: reply.receivedAt) }
            send(due(at: .now))
            if publish(at: .now) { await changed.request() }
            await wakeUp.sleep(until: schedule.nextStep())
        }
    }

    func answered(_ number: UInt32, by sender: IPAddress, at instant: ContinuousClock.Instant) {
        schedule.answered(number, by: sender, at: instant)
    }

    /// What to send now.
    func due(at now: ContinuousClock.Instant) -> [ProbeSchedule.Probe] {
        if isStale { look(at: now) }
        return schedule.step(at: now)
    }

    private func send(_ due: [ProbeSchedule.Probe]) {
        guard !due.isEmpty else { return }
        let requests = due.map {
            EchoBatch.Request(number: $0.number, destination: $0.path.address, source: $0.path.source)
        }
        for (number, code) in echoes.send(requests) { notSent(number, code) }
    }

    /// WireGuard refuses what has no endpoint or no peer, and a packet filter what it forbids. Anything else, such as
    /// an interface that is down, says nothing about the peer.
    func notSent(_ number: UInt32, _ code: Int32, at now: ContinuousClock.Instant = .now) {
        schedule.notSent(number, isUnreachable: [EDESTADDRREQ, ENOKEY, EPERM].contains(code), at: now)
    }

    private func look(at now: ContinuousClock.Instant) {
        isStale = false
        let state = board.facts
        if unseen.lastLook != state[KernelObservation.self].observedAt { unseen.keys = [] }
        let clock = clock.read()
        schedule.update(
            PeerSighting.all(in: state, unseen: unseen.keys, programmed: programmed) { clock.isFresh($0) }, at: now)
        programmed = []
        let period = schedule.period
        let gone = probes.value.probes.keys.filter { schedule.probe(of: $0) == nil }
        probes.update { fact in
            for key in gone { fact.probes[key] = nil }
            defer { fact.period = period }
            return fact.period != period || !gone.isEmpty
        }
    }

    /// - Returns: whether a peer's readiness may have changed, not only a round trip.
    func publish(at now: ContinuousClock.Instant) -> Bool {
        let news = schedule.takeNews().compactMap { key in schedule.probe(of: key).map { (key: key, probe: $0) } }
        guard !news.isEmpty else { return false }
        let wallClock = Date()
        var isChange = false
        probes.update { fact in
            for (key, probe) in news {
                let before = fact.probes[key]
                if !(before?.state ?? .unknown).agrees(with: probe.state) { isChange = true }
                var probe = probe
                if probe.state != .unknown {
                    let known = before?.at == probe.at ? before?.time : nil
                    let age = (now - probe.at) / .seconds(1)
                    probe.time = known ?? wallClock.addingTimeInterval(-age)
                }
                fact.probes[key] = probe
            }
            return true
        }
        return isChange
    }
}

/// Replies on their way from the socket's queue to the monitor.
private final class ReplyInbox: Sendable {
    private let replies = Mutex<[EchoBatch.Reply]>([])

    func add(_ new: [EchoBatch.Reply]) { replies.withLock { $0 += new } }

    func take() -> [EchoBatch.Reply] {
        replies.withLock { replies in
            defer { replies.removeAll(keepingCapacity: true) }
            return replies
        }
    }
}
