import Convergence
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

    /// Those that stay silent are asked in rounds, each in its turn; one that is heard, at once.
    @Test func theSilentAreAskedInRounds() async throws {
        let board = board(peers: 300)
        let monitor = PeerMonitor(board: board) {}
        var now = ContinuousClock.now
        var asked: [String: Int] = [:]
        // Until each has been asked as often as it gets without waiting for its turn.
        while true {
            let (targets, next) = await monitor.due(at: now)
            if targets.count == PeerMonitor.roundSize { break }
            for target in targets { await monitor.note(nil, of: target.key, at: now) }
            now = try #require(targets.isEmpty ? next : now)
        }
        for _ in 0..<5 {
            now += PeerMonitor.roundInterval
            let targets = await monitor.due(at: now).targets
            #expect(targets.count == PeerMonitor.roundSize)
            for target in targets {
                asked[target.key.node, default: 0] += 1
                await monitor.note(nil, of: target.key, at: now)
            }
            #expect(await monitor.due(at: now).targets.isEmpty)
        }
        #expect(asked.count == 300 && asked.values.allSatisfy { $0 == 2 })
        let heard = try #require(Self.key(5))
        board.prepare { $0.kernel?.devices["wg0"]?.peers[heard]?.receivedBytes = 148 }
        #expect(await monitor.due(at: now).targets.map(\.key.node) == ["host-5"])
    }

    /// A key that changed is in force before any look has seen it: its peer is asked at once, and what is known of it
    /// stays known.
    @Test func aPeerIsAskedBeforeALookHasSeenIt() async throws {
        let board = board(peers: 1)
        let monitor = PeerMonitor(board: board) {}
        let key = PeerKey(overlay: "net", node: "host-1")
        #expect(await monitor.due(at: .now).targets.map(\.key) == [key])
        await monitor.note(.milliseconds(1), of: key)
        let new = try #require(Self.key(2))
        board.prepare { $0.desired.kernel.devices[0].peers[0].publicKey = new }
        await monitor.peersProgrammed([new])
        #expect(await monitor.due(at: .now).targets.map(\.key) == [key])
        #expect(board.facts.probes[key] != nil)
        await monitor.note(.milliseconds(2), of: key)
        #expect(await monitor.due(at: .now).targets.isEmpty)
        #expect(board.facts.probes[key] == .answered(microseconds: 2000))
        // A look that does not find it knows better.
        board.prepare { $0[KernelObservation.self].observedAt = .now }
        #expect(await monitor.due(at: .now).targets.isEmpty)
        #expect(board.facts.probes[key] == nil)
    }

    /// Without our own address there is nothing to ask from: the monitor must wait to be woken, not spin.
    @Test func aPeerThatCannotBeAskedYetIsNotDue() async throws {
        let board = board(peers: 1)
        board.prepare { $0.kernel?.addresses = [] }
        let monitor = PeerMonitor(board: board) {}
        let blind = await monitor.due(at: .now)
        #expect(blind.targets.isEmpty && blind.next == nil)
        board.prepare { state in
            state.kernel?.addresses = [ObservedAddress(interface: "wg0", address: Self.own, prefixLength: 32)]
        }
        #expect(await monitor.due(at: .now).targets.count == 1)
    }
}
