/// Follows the first packet of a flow through the chains of a hook, as netfilter does.
struct PacketWalk {
    enum Verdict: Hashable {
        case accept
        /// Dropped; the text says where.
        case drop(String)
        /// Dropped there, unless an earlier rule that cannot be evaluated here lets it pass.
        case unsure(String)
    }

    /// A base chain that does not let a packet pass.
    struct Barrier {
        var verdict: Verdict
        var table: FilterTable
        /// The base chain.
        var chain: String
    }

    /// The first base chain of the hook that drops the packet, a certain one before a likely one; nil when all of them
    /// let it pass.
    static func barrier(of packet: Packet, in tables: [FilterTable]) -> Barrier? {
        var unsure: Barrier?
        for table in tables where table.carries(packet.family) {
            let bases = table.chains.filter { $0.value.hook == packet.hook }
            for (name, chain) in bases.sorted(by: { ($0.value.priority, $0.key) < ($1.value.priority, $1.key) }) {
                var walk = PacketWalk(table: table, packet: packet)
                let verdict = walk.verdict(ofBase: name, chain)
                let barrier = Barrier(verdict: verdict, table: table, chain: name)
                switch verdict {
                case .accept: continue
                case .drop: return barrier
                case .unsure: unsure = unsure ?? barrier
                }
            }
        }
        return unsure
    }

    /// Rules of a hook that may keep the packet out of connection tracking.
    static func untracking(of packet: Packet, in tables: [FilterTable]) -> [String] {
        tables.filter { $0.carries(packet.family) }.flatMap { table in
            table.chains.sorted { $0.key < $1.key }.filter { name, chain in
                let isReachable = chain.hook.map { $0 == packet.hook } ?? true
                return isReachable
                    && chain.rules.contains { $0.action == .untrack && $0.truth(for: packet) != .no }
            }.map { "\(table.title), chain \($0.key)" }
        }
    }

    private let table: FilterTable
    private let packet: Packet
    /// Whether a rule that cannot be evaluated may have let it pass.
    private var mayBeAccepted = false
    private var depth = 0

    private init(table: FilterTable, packet: Packet) {
        self.table = table
        self.packet = packet
    }

    private mutating func verdict(ofBase name: String, _ chain: FilterTable.Chain) -> Verdict {
        switch walk(name, chain, isCertain: true) {
        case .accepted: return .accept
        case .dropped(let place): return mayBeAccepted ? .unsure(place) : .drop(place)
        case .fallen:
            guard chain.dropsByPolicy else { return .accept }
            let place = "\(table.title), chain \(name): policy drop"
            return mayBeAccepted ? .unsure(place) : .drop(place)
        }
    }

    private enum Outcome { case accepted, dropped(String), fallen }

    /// - Parameter isCertain: whether the packet surely gets here. A drop that it may not reach is ignored, because a
    ///   false alarm is worse than a missed one.
    private mutating func walk(_ name: String, _ chain: FilterTable.Chain, isCertain: Bool) -> Outcome {
        // netfilter itself allows 16.
        guard depth < 16 else { return .fallen }
        depth += 1
        defer { depth -= 1 }
        var reaches = isCertain
        for rule in chain.rules {
            let truth = rule.truth(for: packet)
            if truth == .no { continue }
            let isCertain = reaches && truth == .yes
            switch rule.action {
            case .pass, .untrack: continue
            case .accept:
                if isCertain { return .accepted }
                mayBeAccepted = true
            case .drop:
                if isCertain { return .dropped("\(table.title), chain \(name): a rule drops or rejects it") }
            case .leave:
                if isCertain { return .fallen }
                reaches = false
            case .jump(let target), .goTo(let target):
                guard let next = table.chains[target] else { continue }
                switch walk(target, next, isCertain: isCertain) {
                case .accepted: return .accepted
                case .dropped(let place): return .dropped(place)
                case .fallen:
                    guard case .goTo = rule.action else { continue }
                    if isCertain { return .fallen }
                    reaches = false
                }
            }
        }
        return .fallen
    }
}

extension FilterTable.Rule {
    func truth(for packet: Packet) -> Truth {
        var truth = Truth.yes
        for condition in conditions {
            switch condition.holds(for: packet) {
            case .no: return .no
            case .maybe: truth = .maybe
            case .yes: continue
            }
        }
        return truth
    }
}
