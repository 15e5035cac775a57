import Convergence
import Foundation
import Glibc
import HostState
import NetAddress
import Reconciler
import Testing

@testable import Daemon

@Suite struct PeerMonitorTests {
    private static let own = IPAddress(v4: 0x0a00_0001)

    private static func key(_ number: Int) -> PublicKey? {
        PublicKey(bytes: [UInt8](repeating: 7, count: 30) + [UInt8(number >> 8), UInt8(number & 255)])
    }

    /// A world in which so many peers are programmed and none has been heard.
    private func board(peers count: Int) -> FactBoard {
        let keys = (1...count).compactMap(Self.key)
        let board = FactBoard()
        board.prepare { state in
            state.desired.kernel.devices = [
                DesiredDevice(
                    interface: "wg0", overlay: "net", listenPort: 51820, publicKey: nil,
                    peers: keys.enumerated().map { index, key in
                        DesiredPeer(
                            node: "host-\(index + 1)", publicKey: key, endpoint: nil, persistentKeepalive: 0,
                            allowedIPs: [], probeAddresses: [IPAddress(v4: 0x0a00_0002 + UInt32(index))])
                    })
            ]
            state.desired.kernel.addresses = [DesiredAddress(interface: "wg0", address: Self.own, prefixLength: 32)]
            var kernel = ObservedKernel()
            kernel.links["wg0"] = ObservedLink(index: 1, name: "wg0", kind: "wireguard", mtu: 1420, isUp: true)
            kernel.devices["wg0"] = ObservedDevice(
                interface: "wg0", backend: .kernel, publicKey: nil, listenPort: 51820,
                peers: Dictionary(uniqueKeysWithValues: keys.map { ($0, ObservedPeer(publicKey: $0)) }))
            kernel.addresses = [ObservedAddress(interface: "wg0", address: Self.own, prefixLength: 32)]
            state.kernel = kernel
        }
        return board
    }

    /// From the facts to the echoes, and back: a peer in the first address of whose family we have one too.
    @Test func anAnswerIsAFactAndARoundTripAloneIsNoChange() async throws {
        let board = board(peers: 3)
        let monitor = PeerMonitor(board: board, node: "here") {}
        let now = ContinuousClock.now
        let due = await monitor.due(at: now)
        #expect(Set(due.map(\.path.address)) == Set((2..<5).map { IPAddress(v4: 0x0a00_0000 + $0) }))
        #expect(due.allSatisfy { $0.path.source == Self.own })
        #expect(await monitor.publish(at: now) == false)
        let key = PeerKey(overlay: "net", node: "host-1")
        #expect(board.facts.probes[key]?.state == .unknown && board.facts.probes[key]?.time == nil)
        let probe = try #require(due.first { $0.path.address == IPAddress(v4: 0x0a00_0002) })
        await monitor.answered(probe.number, by: probe.path.address, at: now + .milliseconds(3))
        #expect(await monitor.publish(at: now + .milliseconds(3)))
        #expect(board.facts.probes[key]?.state == .answered(microseconds: 3000))
        let age = Date().timeIntervalSince(try #require(board.facts.probes[key]?.time))
        #expect(age >= 0 && age < 60)
        #expect(await monitor.publish(at: now + .milliseconds(4)) == false)
    }

    /// What the kernel refuses to send for want of a peer or an endpoint was no answer; other errors say nothing.
    @Test(arguments: [
        (EDESTADDRREQ, ProbeState.unanswered), (ENOKEY, .unanswered), (ENETDOWN, .unknown), (ENOBUFS, .unknown),
    ])
    func whatIsNotSent(code: Int32, state: ProbeState) async throws {
        let board = board(peers: 1)
        let monitor = PeerMonitor(board: board, node: "here") {}
        let probe = try #require(await monitor.due(at: .now).first)
        await monitor.notSent(probe.number, code)
        _ = await monitor.publish(at: .now)
        #expect(board.facts.probes.values.map(\.state) == [state])
    }

    /// A key that changed is in force before any look has seen it: its peer is asked at once, and what is known of it
    /// stays known.
    @Test func aPeerIsAskedBeforeALookHasSeenIt() async throws {
        let board = board(peers: 1)
        let monitor = PeerMonitor(board: board, node: "here") {}
        let key = PeerKey(overlay: "net", node: "host-1")
        func ask(_ milliseconds: Int) async throws {
            let now = ContinuousClock.now
            let probe = try #require(await monitor.due(at: now).first)
            await monitor.answered(probe.number, by: probe.path.address, at: now + .milliseconds(milliseconds))
            _ = await monitor.publish(at: now)
        }
        try await ask(1)
        let new = try #require(Self.key(2))
        board.prepare { $0.desired.kernel.devices[0].peers[0].publicKey = new }
        await monitor.peersProgrammed([new])
        try await ask(2)
        #expect(board.facts.probes[key]?.state == .answered(microseconds: 2000))
        // A look that does not find it knows better.
        board.prepare { $0[KernelObservation.self].observedAt = .now }
        await monitor.peersProgrammed([])
        #expect(await monitor.due(at: .now).isEmpty)
        #expect(board.facts.probes[key] == nil)
    }

    /// Without our own address there is nothing to ask from: the monitor must wait to be woken, not spin.
    @Test func aPeerThatCannotBeAskedYetIsNotDue() async throws {
        let board = board(peers: 1)
        board.prepare { $0.kernel?.addresses = [] }
        let monitor = PeerMonitor(board: board, node: "here") {}
        #expect(await monitor.due(at: .now).isEmpty)
        board.prepare { state in
            state.kernel?.addresses = [ObservedAddress(interface: "wg0", address: Self.own, prefixLength: 32)]
        }
        await monitor.peersProgrammed([])
        #expect(await monitor.due(at: .now).count == 1)
        board.prepare { $0.kernel?.links["wg0"]?.isUp = false }
        await monitor.peersProgrammed([])
        #expect(await monitor.due(at: .now + .seconds(60)).isEmpty)
    }
}
