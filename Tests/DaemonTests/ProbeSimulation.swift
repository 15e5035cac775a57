import FleetModel
import NetAddress

@testable import Daemon

/// A schedule, the peers that it probes, and a clock that only the test moves.
struct ProbeSimulation {
    typealias Instant = ContinuousClock.Instant

    static let start = ContinuousClock.now
    private static let base: UInt32 = 0x0a00_0000

    var schedule = ProbeSchedule(node: "here")
    var now = start
    var sightings: [PeerSighting]
    /// How long a peer takes to answer a probe that is sent then; nil when it does not.
    var roundTrip: (Int, Instant) -> Duration? = { _, _ in .milliseconds(20) }
    /// How late the caller is with every step.
    var lateness: (Instant) -> Duration = { _ in .zero }
    private(set) var sent: [(at: Instant, peer: Int)] = []
    private(set) var steps = 0
    private var replies: [(at: Instant, number: UInt32, address: IPAddress)] = []

    init(peers count: Int) {
        sightings = (0..<count).compactMap { number in
            guard let publicKey = ProbeSimulation.publicKey(number) else { return nil }
            return PeerSighting(
                key: ProbeSimulation.key(number), publicKey: publicKey,
                path: .init(
                    address: IPAddress(v4: Self.base + UInt32(number)), source: IPAddress(v4: 0x0b00_0001)))
        }
        schedule.update(sightings, at: now)
    }

    static func key(_ number: Int) -> PeerKey { PeerKey(overlay: "net", node: "host-\(number)") }

    /// Never missing: 32 bytes are a key.
    static func publicKey(_ number: Int) -> PublicKey? {
        PublicKey(bytes: [UInt8](repeating: 7, count: 30) + [UInt8(number >> 8 & 255), UInt8(number & 255)])
    }

    func state(of number: Int) -> ProbeState? { schedule.probe(of: Self.key(number))?.state }

    /// Seconds since the start.
    func seconds(_ instant: Instant) -> Double { (instant - Self.start) / .seconds(1) }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while true {
            let step = schedule.nextStep().map { max($0, now) + lateness(now) }
            let reply = replies.map(\.at).min()
            guard let next = [step, reply].compactMap({ $0 }).min(), next <= end else { break }
            now = max(now, next)
            if let reply, reply <= now { deliver() }
            if let step, step <= now { takeStep() }
        }
        now = end
    }

    private mutating func deliver() {
        for reply in replies where reply.at <= now {
            schedule.answered(reply.number, by: reply.address, at: reply.at)
        }
        replies.removeAll { $0.at <= now }
    }

    mutating func takeStep() {
        steps += 1
        for probe in schedule.step(at: now) {
            let number = Int(UInt32(truncatingIfNeeded: probe.path.address.value) - Self.base)
            sent.append((now, number))
            if let trip = roundTrip(number, now) { replies.append((now + trip, probe.number, probe.path.address)) }
        }
    }

    mutating func forgetSent() { (sent, steps) = ([], 0) }

    /// The most probes in any second.
    var worstSecond: Int {
        var (worst, first) = (0, 0)
        for (index, probe) in sent.enumerated() {
            while probe.at - sent[first].at >= .seconds(1) { first += 1 }
            worst = max(worst, index - first + 1)
        }
        return worst
    }

    /// When each peer was probed, by its number.
    var times: [Int: [Instant]] { Dictionary(grouping: sent, by: \.peer).mapValues { $0.map(\.at) } }

    /// The longest time that any peer waited between two probes.
    var longestGap: Duration {
        times.values.flatMap { times in zip(times, times.dropFirst()).map { $1 - $0 } }.max() ?? .zero
    }
}
