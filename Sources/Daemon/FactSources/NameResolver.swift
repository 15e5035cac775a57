internal import Descriptors
internal import Dispatch
internal import Glibc
internal import HostState
internal import NetAddress
internal import Reconciler
internal import Records

/// Resolves the DNS names of endpoints outside the lanes, each separately, so that one that hangs delays no other peer.
actor NameResolver {
    private let board: FactBoard
    private let resolved: FactWriter<ResolvedNames>
    private let clock: HostClock
    private let records: Records
    private let queue = DispatchQueue(label: "name-resolver", attributes: .concurrent)
    private var inFlight: Set<String> = []
    private var triedAt: [String: ContinuousClock.Instant] = [:]
    /// Each look-up blocks a thread for as long as DNS does not answer, and other queues need threads too.
    private static let limit = 16
    private nonisolated let wakeUp = WakeUp()

    init(board: FactBoard, records: Records, clock: HostClock) {
        self.board = board
        self.clock = clock
        resolved = board.writer()
        self.records = records
    }

    nonisolated func wake() { wakeUp.wake() }

    /// Checks at every wake-up, and every half minute again the names of silent peers.
    func run() async {
        while !Task.isCancelled {
            for name in names() where inFlight.count < NameResolver.limit && inFlight.insert(name).inserted {
                triedAt[name] = .now
                Task { await self.look(up: name) }
            }
            await wakeUp.sleep(atMost: .seconds(30))
        }
    }

    private func names() -> [String] {
        let state = board.facts
        let clock = clock.read()
        var names: Set<String> = []
        for device in state.desired.kernel.devices {
            for peer in device.peers {
                guard case .name(let name)? = peer.endpoint?.host else { continue }
                let live = state.kernel?.devices[device.interface]?.peers[peer.publicKey]
                let isLive = clock.isFresh(live?.latestHandshake ?? 0)
                if state.resolved[name] == nil || !isLive { names.insert(name) }
            }
        }
        triedAt = triedAt.filter { names.contains($0.key) }
        // The least recently tried first; none twice within five seconds, however often we are woken.
        let long = ContinuousClock.now - .seconds(3600)
        return names.filter { ContinuousClock.now - (triedAt[$0] ?? long) >= .seconds(5) }
            .sorted { (triedAt[$0] ?? long, $0) < (triedAt[$1] ?? long, $1) }
    }

    private func look(up name: String) async {
        let addresses = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: NameResolver.addresses(of: name)) }
        }
        inFlight.remove(name)
        // A slot is free for a waiting name.
        wake()
        guard !addresses.isEmpty else { return }
        let isNew = resolved.update { $0.take(addresses, for: name) }
        if isNew { await keep() }
    }

    /// For the next start, which may have no DNS, or one that answers only through a tunnel (fault 19).
    private func keep() async {
        let state = board.facts
        let peers = state.desired.kernel.devices.flatMap(\.peers)
        let names = Set(
            peers.compactMap { peer in if case .name(let name)? = peer.endpoint?.host { name } else { nil } })
        // Components that depend on the database report its failure.
        try? await records.save(resolved: state.resolved.filter { names.contains($0.key) })
    }

    /// getaddrinfo(3), blocking: every address in the order that the resolver prefers; empty when it fails.
    private static func addresses(of name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let raw = UnsafeRawPointer(entry.ai_addr) else { continue }
            let offset = entry.ai_family == AF_INET6 ? 8 : 4
            let count = entry.ai_family == AF_INET6 ? 16 : 4
            let bytes = UnsafeRawBufferPointer(start: raw + offset, count: count)
            if let address = IPAddress(bytes: Array(bytes)), !found.contains(address) { found.append(address) }
        }
        return found
    }
}
