import HostState
import SystemTesting
import NetAddress
import Netlink
@testable import RouteNetlink
import Testing

@Suite struct DriftTests {
    /// The first hint that says `text`; fails after ten seconds.
    private func hint(_ stream: AsyncStream<DriftHint>, saying text: String) async throws -> String {
        try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                for await hint in stream where hint.summary.contains(text) { return hint.summary }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: .seconds(10))
                return nil
            }
            defer { group.cancelAll() }
            return try #require(try await group.next() ?? nil, "no hint that says \"\(text)\"")
        }
    }

    @Test func whatIsDoneByHandIsToldInWords() async throws {
        let world = try World()
        try await world.makeBridge()
        let own = DesiredAddress(interface: "br-wg0", address: try address("10.0.0.1"), prefixLength: 32)
        try await world.backend.apply(.addAddress(own))
        try await world.backend.apply(
            .addRoute(DesiredRoute(destination: try cidr("10.0.0.20/32"), interface: "br-wg0")))
        let stream = world.backend.drift()
        try world.namespace.ip("route", "del", "10.0.0.20/32")
        _ = try await hint(stream, saying: "route 10.0.0.20/32 of br-wg0 deleted")
        let second = world.backend.drift()
        try world.namespace.ip("addr", "del", "10.0.0.1/32", "dev", "br-wg0")
        _ = try await hint(second, saying: "address 10.0.0.1/32 of br-wg0 deleted")
        let third = world.backend.drift()
        try world.namespace.execute("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/br-wg0/proxy_arp")
        _ = try await hint(third, saying: "setting of br-wg0 changed")
        let fourth = world.backend.drift()
        try world.namespace.ip("link", "set", "br-wg0", "down")
        _ = try await hint(fourth, saying: "link br-wg0 is down")
        let fifth = world.backend.drift()
        try world.namespace.ip("link", "del", "an-wg0")
        _ = try await hint(fifth, saying: "an-wg0")
    }

    @Test func hintsThatWaitBecomeOne() {
        var first = DriftHint()
        first.add("a")
        first.add("a")
        var second = DriftHint()
        for number in 0..<9 { second.add("b\(number)") }
        let both = first.followed(by: second)
        #expect(both.summary == "a; b0; b1; b2; b3; b4; b5; b6; 2 more changes")
    }

    @Test func lostNotificationsSayLookAgain() async throws {
        let world = try World()
        try await world.makeBridge()
        let monitor = try world.namespace.enter {
            try DriftMonitor(ignoringPortID: 0, receiveBuffer: 2048) { try LinkTable(NetlinkSocket(.route)) }
        }
        let stream = monitor.stream()
        async let seen = hint(stream, saying: "more changed than the kernel could tell")
        let routes = (0..<10_000).map { number in
            DesiredRoute(destination: IPAddress(v4: 0x0a01_0000 + UInt32(number)).hostCIDR, interface: "br-wg0")
        }
        for result in await world.backend.apply(routes.map { .addRoute($0) }) { try result.get() }
        _ = try await seen
        #expect(try await world.observe().routes.count == routes.count)
    }
}
