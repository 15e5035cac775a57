import NetAddress
import TestSupport
import Testing

@testable import Probes

/// Paths of veth pairs, with and without a router between.
@Suite(.serialized) struct PathProbeTests {
    private func withHosts(_ count: Int, _ body: ([TestHost]) async throws -> Void) async throws {
        let hosts = try (0..<count).map { _ in try TestHost() }
        defer { for host in hosts { host.remove() } }
        try await body(hosts)
    }

    private func measure(
        _ host: TestHost, _ destination: String, count: Int = 3, timeout: Duration = .seconds(5)
    ) async throws -> PathProbe.Measurement {
        let address = try #require(IPAddress(destination))
        let echo = try EchoProbe(networkNamespace: "/run/netns/\(host.name)")
        // The first packet waits for the link and for the neighbour's address.
        try await waitUntil("\(destination) answers") {
            try await echo.ping(address, from: nil, timeout: .seconds(1)) != nil
        }
        return await PathProbe(echo, count: count, timeout: timeout) {}.measure(address, from: nil)
    }

    @Test func aPathThatKeepsItsPromise() async throws {
        try await withHosts(2) { hosts in
            try connect(hosts[0], hosts[1])
            for destination in ["10.9.0.2", "fd09::2"] {
                let measured = try await measure(hosts[0], destination)
                #expect(measured.sent == 3 && measured.roundTrips.count == 3 && measured.error == nil)
                #expect(measured.mtu == .init(promised: 1500, carried: 1500), "\(destination)")
            }
        }
    }

    /// A veth drops what is longer than its other end takes, and tells nobody.
    @Test(arguments: ["10.9.0.2", "fd09::2"])
    func aBlackholeIsFoundToTheByte(_ destination: String) async throws {
        try await withHosts(2) { hosts in
            try connect(hosts[0], hosts[1])
            // Forwarding is judged by the length of the frame, with room for a VLAN tag of 4 bytes.
            try await hosts[1].run("ip link set eth0 mtu 1380")
            let measured = try await measure(hosts[0], destination)
            #expect(measured.mtu == .init(promised: 1500, carried: 1384))
        }
    }

    /// near - router - far, the second link shorter: the router says so, and senders heed it.
    @Test(arguments: ["10.9.1.2", "fd09:1::2"])
    func aRouterThatSaysWhatItCarriesIsNoBlackhole(_ destination: String) async throws {
        try await withHosts(3) { hosts in
            let (near, router, far) = (hosts[0], hosts[1], hosts[2])
            try connect(near, router)
            try shell(
                """
                set -e
                ip -n \(router.name) link add eth1 mtu 1400 type veth peer name eth0 mtu 1400 netns \(far.name)
                ip -n \(router.name) addr add 10.9.1.1/24 dev eth1
                ip -n \(router.name) addr add fd09:1::1/64 dev eth1 nodad
                ip -n \(far.name) addr add 10.9.1.2/24 dev eth0
                ip -n \(far.name) addr add fd09:1::2/64 dev eth0 nodad
                ip -n \(router.name) link set eth1 up
                ip -n \(far.name) link set eth0 up
                ip -n \(near.name) route add default via 10.9.0.2
                ip -n \(near.name) route add default via fd09::2
                ip -n \(far.name) route add default via 10.9.1.1
                ip -n \(far.name) route add default via fd09:1::1
                """)
            try await router.run(
                "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
            let measured = try await measure(near, destination)
            #expect(measured.mtu == .init(promised: 1400, carried: 1400))
        }
    }

    @Test func whatIsLostIsCountedAndSilenceHasNoMTU() async throws {
        try await withHosts(2) { hosts in
            try connect(hosts[0], hosts[1])
            try await hosts[1].run("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
            let echo = try EchoProbe(networkNamespace: "/run/netns/\(hosts[0].name)")
            let silent = await PathProbe(echo, count: 2, timeout: .milliseconds(200)) {}
                .measure(try #require(IPAddress("10.9.0.2")), from: nil)
            #expect(silent.sent == 2 && silent.roundTrips.isEmpty && silent.mtu == nil && silent.error == nil)
            let lost = await PathProbe(echo, count: 2, timeout: .milliseconds(200)) {}
                .measure(try #require(IPAddress("203.0.113.1")), from: nil)
            #expect(lost.sent == 0)
            #expect(lost.error?.description.contains("no route") == true)
        }
    }

    @Test func aNamespaceThatIsNotThereSaysWhich() throws {
        let error = #expect(throws: (any Error).self) { try EchoProbe(networkNamespace: "/run/netns/wgctl-none") }
        #expect("\(String(describing: error))".contains("/run/netns/wgctl-none"))
    }
}
