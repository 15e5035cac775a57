import Glibc
import HostState
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// The directory of the UAPI sockets is shared between network namespaces: a wireguard-go in another one can have an
/// interface of our name, and with it the only socket of that name.
@Suite(.serialized) struct ForeignSocketTests {
    /// What the stranger is to keep.
    private let peer = try? examplePublicKey(9)

    /// Runs `body` on a host without a `wg0`, beside a namespace where wireguard-go has one.
    private func withStranger(_ body: (TestHost, WireGuardClient) async throws -> Void) async throws {
        let (host, elsewhere) = (try TestHost(), try NetworkNamespace())
        // It ends when its socket goes.
        defer { host.remove() }
        let stranger = try await host.run { try elsewhere.enter { try WireGuardClient(timeout: .seconds(60)) } }
        try await stranger.startUserspace("wg0")
        let peer = try #require(peer)
        try await host.run("wg set wg0 listen-port 7 peer \(peer)")
        try await body(host, try await host.run { try WireGuardClient(timeout: .seconds(60)) })
        #expect(try await host.run("wg show wg0 peers; wg show wg0 listen-port") == "\(peer)\n7\n")
    }

    /// Changes that would give our key away and empty the stranger's device.
    private func changes(_ key: PrivateKey) throws -> [KernelChange] {
        [
            .configureDevice(interface: "wg0", publicKey: key.publicKey, listenPort: 51820, fwmark: 0),
            .removePeer(interface: "wg0", ObservedPeer(publicKey: try #require(peer))),
        ]
    }

    @Test(arguments: WireGuardImplementation.present)
    func aLinkThatIsNoTunHasNothingToDoWithIt(by implementation: WireGuardImplementation) async throws {
        // Any other kind stands in for the kernel's where that is missing.
        let isKernel = implementation == .kernel
        try await withStranger { host, backend in
            try await host.run("ip link add wg0 type \(isKernel ? "wireguard" : "bridge")")
            let before = try await backend.observe(["wg0"])
            #expect(before["wg0"]?.backend == (isKernel ? .kernel : nil) && before["wg0"]?.peers.isEmpty ?? true)
            let key = try PrivateKey.generate()
            for result in await backend.apply(try changes(key), key: key) {
                if isKernel {
                    try result.get()
                } else {
                    #expect(throws: WireGuardError.noDevice(interface: "wg0")) { try result.get() }
                }
            }
            let after = try await backend.observe(["wg0"])
            #expect(after["wg0"]?.publicKey == (isKernel ? key.publicKey : nil))
        }
    }

    @Test func aTunOfOursIsNotTheOneBehindIt() async throws {
        try await withStranger { host, backend in
            try await host.run("ip tuntap add wg0 mode tun")
            let error = WireGuardError.foreignSocket(interface: "wg0", path: "/run/wireguard/wg0.sock")
            await #expect(throws: error) { try await backend.observe(["wg0"]) }
            let key = try PrivateKey.generate()
            for result in await backend.apply(try changes(key), key: key) {
                #expect(throws: error) { try result.get() }
            }
            await #expect(throws: error) { try await backend.stopUserspace("wg0") }
            try await host.run("ip link delete wg0")
            await #expect(throws: error) { try await backend.startUserspace("wg0") }
            #expect(try await backend.observe(["wg0"]).isEmpty)
        }
    }
}
