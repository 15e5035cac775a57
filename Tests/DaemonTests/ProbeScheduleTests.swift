import FleetModel
import NetAddress
import Testing

@testable import Daemon

/// When peers are probed, and what their answers mean, in simulated time.
@Suite struct ProbeScheduleTests {
    /// Whatever peers do, and whatever changes.
    @Test(arguments: 0..<12)
    func noSecondHasMoreThanFifty(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var simulation = ProbeSimulation(peers: [1, 7, 60, 400, 1500, 4000][Int(seed) % 6])
        let loss = Int.random(in: 0...100, using: &random)
        let lateness = Duration.milliseconds(Int.random(in: 0...300, using: &random))
        simulation.roundTrip = { peer, at in
            var random = SeededGenerator(
                seed: UInt64(peer) &* 31 &+ UInt64((at - ProbeSimulation.start) / .milliseconds(1)))
            return random.chance(loss) ? nil : .milliseconds(Int.random(in: 1...2500, using: &random))
        }
        simulation.lateness = { _ in lateness }
        for _ in 0..<8 {
            simulation.run(for: .seconds(Int.random(in: 1...20, using: &random)))
            for index in simulation.sightings.indices where random.chance(20) {
                simulation.sightings[index].receivedBytes += UInt64(Int.random(in: 0...1, using: &random))
                simulation.sightings[index].transmittedBytes += UInt64(Int.random(in: 0...1, using: &random))
                simulation.sightings[index].isProgrammed = random.chance(20)
                if random.chance(10) { simulation.sightings[index].path = nil }
            }
            if random.chance(30) { simulation.sightings.removeLast(simulation.sightings.count / 3) }
            simulation.schedule.update(simulation.sightings, at: simulation.now)
        }
        #expect(simulation.worstSecond <= 50 && !simulation.sent.isEmpty)
    }

    /// 30 s, or as many seconds as fifty a second take.
    @Test(arguments: [1, 2, 40, 1500, 2500, 10_000], [true, false])
    func everyPeerHasItsTurnInAPeriod(count: Int, answers: Bool) {
        var simulation = ProbeSimulation(peers: count)
        simulation.roundTrip = { _, _ in answers ? .milliseconds(20) : nil }
        let period = simulation.schedule.period
        #expect(period == (count <= 1500 ? .seconds(30) : .seconds(count / 50)))
        // Until those that never answered are no longer tried more often.
        simulation.run(for: period * (answers ? 3 : 8))
        simulation.forgetSent()
        simulation.run(for: period * 3)
        #expect(simulation.times.count == count)
        #expect(simulation.longestGap <= period * 1.05 + .seconds(1), "\(simulation.longestGap)")
        let numbers = simulation.times.values.map(\.count)
        #expect((numbers.max() ?? 0) - (numbers.min() ?? 0) <= 1)
        // Wake-ups are shared: two a second at most, however many there are.
        #expect(simulation.steps <= Int(period * 3 / .milliseconds(450)))
    }

    @Test func aStartWithTenThousandIsNoBurst() {
        var simulation = ProbeSimulation(peers: 10_000)
        simulation.roundTrip = { _, _ in nil }
        simulation.run(for: .seconds(225))
        #expect(simulation.worstSecond == 50)
        // The first pass reaches everybody in one period: few are tried again meanwhile.
        #expect(simulation.times.count == 10_000)
        #expect(simulation.sent.count <= 226 * 50)
    }

    /// A few are probed at once, and tried again soon until they answer.
    @Test func newPeersAreProbedAtOnce() {
        var simulation = ProbeSimulation(peers: 40)
        let up = simulation.now + .seconds(5)
        simulation.roundTrip = { _, at in at < up ? nil : .milliseconds(20) }
        simulation.run(for: .seconds(1))
        #expect(simulation.times.count == 40)
        simulation.run(for: .seconds(11))
        #expect((0..<40).allSatisfy { simulation.state(of: $0)?.isAnswered == true })
    }

    /// The case of issue #10: a host that died was ready for minutes, as long as nobody sent anything to it.
    @Test(arguments: [1, 30, 1500])
    func aHostThatDiesIsFoundThoughNothingIsSent(count: Int) {
        var simulation = ProbeSimulation(peers: count)
        simulation.run(for: .seconds(100))
        #expect(simulation.state(of: 0)?.isAnswered == true)
        simulation.roundTrip = { peer, _ in peer == 0 ? nil : .milliseconds(20) }
        simulation.run(for: .seconds(39))
        #expect(simulation.state(of: 0) == .unanswered)
        #expect((1..<count).allSatisfy { simulation.state(of: $0)?.isAnswered == true })
        // And that it is back.
        simulation.roundTrip = { _, _ in .milliseconds(30) }
        simulation.run(for: .seconds(31))
        #expect(simulation.state(of: 0) == .answered(microseconds: 30_000))
    }

    @Test func aLostPacketChangesNothingAndIsCounted() throws {
        var simulation = ProbeSimulation(peers: 3)
        simulation.run(for: .seconds(60))
        let before = try #require(simulation.schedule.probe(of: ProbeSimulation.key(1)))
        let end = simulation.now + .seconds(30)
        var isLost = false
        simulation.roundTrip = { peer, at in
            defer { isLost = isLost || peer == 1 }
            return peer == 1 && !isLost ? nil : .milliseconds(20)
        }
        while simulation.now < end {
            simulation.run(for: .milliseconds(100))
            #expect(simulation.state(of: 1)?.isAnswered == true)
        }
        let after = try #require(simulation.schedule.probe(of: ProbeSimulation.key(1)))
        #expect(after.lost == before.lost + 1 && after.sent >= before.sent + 2)
    }

    /// More misses than can be confirmed are no lost packets.
    @Test func anOutageOfAllIsFoundInAPeriod() {
        var simulation = ProbeSimulation(peers: 5000)
        simulation.run(for: .seconds(250))
        #expect((0..<5000).allSatisfy { simulation.state(of: $0)?.isAnswered == true })
        simulation.roundTrip = { _, _ in nil }
        simulation.run(for: .seconds(130))
        #expect((0..<5000).allSatisfy { simulation.state(of: $0) == .unanswered })
        #expect(simulation.worstSecond <= 50)
    }

    /// Its packets prove nothing until it answers, but they are a reason to ask.
    @Test func aSilentPeerThatIsHeardIsProbedAtOnce() {
        var simulation = ProbeSimulation(peers: 3000)
        simulation.roundTrip = { peer, _ in peer == 7 ? nil : .milliseconds(20) }
        simulation.run(for: .seconds(200))
        #expect(simulation.state(of: 7) == .unanswered)
        simulation.roundTrip = { _, _ in .milliseconds(20) }
        simulation.sightings[7].receivedBytes = 148
        simulation.schedule.update(simulation.sightings, at: simulation.now)
        simulation.run(for: .seconds(2))
        #expect(simulation.state(of: 7)?.isAnswered == true)
    }

    /// What was sent got no answer: with many peers its turn may be minutes away.
    @Test(arguments: [true, false])
    func aPeerThatGetsPacketsAndSendsNoneIsProbedAtOnce(isSessionFresh: Bool) throws {
        var simulation = ProbeSimulation(peers: 3000)
        simulation.run(for: .seconds(130))
        simulation.forgetSent()
        var copy = simulation
        copy.run(for: .seconds(3))
        let next = try #require((0..<3000).first { copy.times[$0] == nil })
        simulation.sightings[next].transmittedBytes = 148
        simulation.sightings[next].isSessionFresh = isSessionFresh
        simulation.schedule.update(simulation.sightings, at: simulation.now)
        simulation.run(for: .seconds(2))
        #expect((simulation.times[next] == nil) == isSessionFresh)
    }

    @Test func aPeerWithAnotherKeyIsProbedAtOnce() throws {
        var simulation = ProbeSimulation(peers: 3000)
        simulation.run(for: .seconds(130))
        simulation.forgetSent()
        simulation.sightings[7].publicKey = try #require(ProbeSimulation.publicKey(9999))
        simulation.sightings[8].isProgrammed = true
        simulation.schedule.update(simulation.sightings, at: simulation.now)
        simulation.run(for: .seconds(2))
        #expect(simulation.times[7] != nil && simulation.times[8] != nil)
    }

    /// A machine that slept does not make up for what it missed.
    @Test func nobodyCatchesUp() {
        var simulation = ProbeSimulation(peers: 1000)
        simulation.run(for: .seconds(100))
        simulation.forgetSent()
        simulation.now += .seconds(3600)
        simulation.run(for: .seconds(3))
        #expect(simulation.sent.count <= 3 * 34 + 50)
        #expect(simulation.worstSecond <= 50)
    }

    /// Without a path there is nothing to do until one is seen.
    @Test func aPeerThatCannotBeProbedIsNotDue() throws {
        var simulation = ProbeSimulation(peers: 2)
        simulation.run(for: .seconds(40))
        let path = simulation.sightings[0].path
        simulation.sightings[0].path = nil
        simulation.sightings[1].path = nil
        simulation.schedule.update(simulation.sightings, at: simulation.now)
        simulation.run(for: .seconds(40))
        #expect(simulation.schedule.nextStep() == nil)
        let probe = try #require(simulation.schedule.probe(of: ProbeSimulation.key(0)))
        #expect(probe.state.isAnswered)
        #expect(!probe.isOverdue(at: probe.at + .seconds(90), period: .seconds(30)))
        #expect(probe.isOverdue(at: probe.at + .seconds(91), period: .seconds(30)))
        simulation.forgetSent()
        simulation.sightings[0].path = path
        simulation.schedule.update(simulation.sightings, at: simulation.now)
        simulation.run(for: .milliseconds(10))
        #expect(simulation.times[0] != nil && simulation.times[1] == nil)
    }

    /// What could not be sent says nothing about the peer, unless WireGuard has no way to it.
    @Test func whatIsNotSentIsNoAnswer() {
        var simulation = ProbeSimulation(peers: 2)
        simulation.roundTrip = { _, _ in nil }
        let probes = simulation.schedule.step(at: simulation.now)
        simulation.schedule.notSent(probes[0].number, isUnreachable: false, at: simulation.now)
        simulation.schedule.notSent(probes[1].number, isUnreachable: true, at: simulation.now)
        #expect(Set((0..<2).map { simulation.state(of: $0) }) == [.unknown, .unanswered])
    }

    @Test func aReplyFromElsewhereOrTooLateIsNoAnswer() throws {
        var simulation = ProbeSimulation(peers: 1)
        let probe = try #require(simulation.schedule.step(at: simulation.now).first)
        simulation.schedule.answered(probe.number &+ 1, by: probe.path.address, at: simulation.now)
        #expect(simulation.state(of: 0) == .unknown)
        _ = simulation.schedule.step(at: simulation.now + .seconds(2))
        #expect(simulation.state(of: 0) == .unanswered)
        simulation.schedule.answered(probe.number, by: probe.path.address, at: simulation.now + .milliseconds(2100))
        #expect(simulation.state(of: 0) == .unanswered)
        // But it is a reason to ask again.
        simulation.now += .milliseconds(2100)
        #expect(simulation.schedule.step(at: simulation.now).count == 1)
        #expect(simulation.schedule.step(at: simulation.now).isEmpty)
    }

    /// The order depends on the peer and on this host only.
    @Test func theOrderIsTheSameAfterARestartAndDiffersBetweenHosts() {
        func order(_ node: String) -> [UInt64] {
            (0..<50).map { ProbedPeer.order(of: ProbeSimulation.key($0), from: node) }
        }
        #expect(order("a") == order("a") && Set(order("a")).count == 50)
        func ranks(_ values: [UInt64]) -> [Int] { values.indices.sorted { values[$0] < values[$1] } }
        #expect(ranks(order("a")) != ranks(order("b")))
        let mean = order("a").reduce(0) { $0 + Double($1) / 50 } / Double(UInt64.max)
        #expect(mean > 0.3 && mean < 0.7)
    }
}
