import NetAddress
import TestSupport
import Testing

@testable import Probes

/// Echo over a veth between two namespaces.
@Suite(.serialized) struct EchoProbeTests {
    private func withPair(_ body: (TestHost, TestHost, EchoProbe) async throws -> Void) async throws {
        let (near, far) = (try TestHost(), try TestHost())
        defer {
            near.remove()
            far.remove()
        }
        try connect(near, far)
        try await body(near, far, try await near.run { EchoProbe() })
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func aNeighbourAnswersInBothFamilies() async throws {
        try await withPair { _, _, probe in
            for destination in ["10.9.0.2", "fd09::2"] {
                // The first also waits for the link and for the neighbour's address.
                _ = try await probe.ping(try address(destination), from: nil, timeout: .seconds(5))
                let trip = try await probe.ping(try address(destination), from: nil, timeout: .seconds(5))
                #expect(try #require(trip) < .seconds(1))
            }
        }
    }

    @Test func theSourceAddressIsTheOneAskedFor() async throws {
        try await withPair { near, far, probe in
            _ = try await near.run("ip addr add 10.9.0.77/32 dev eth0; ip addr add fd09::77/128 dev eth0 nodad")
            // Only the second addresses have a way back, so that the right source is what makes the answer arrive.
            _ = try await far.run(
                "ip addr flush dev eth0; ip addr add 10.9.0.2/32 dev eth0; ip route add 10.9.0.77 dev eth0;"
                    + "ip addr add fd09::2/128 dev eth0 nodad; ip -6 route add fd09::77 dev eth0")
            for (destination, source) in [("10.9.0.2", "10.9.0.77"), ("fd09::2", "fd09::77")] {
                let trip = try await probe.ping(
                    try address(destination), from: try address(source), timeout: .seconds(5))
                #expect(trip != nil)
                let other = try await probe.ping(
                    try address(destination), from: try address(destination == "fd09::2" ? "fd09::1" : "10.9.0.1"),
                    timeout: .milliseconds(200))
                #expect(other == nil)
            }
        }
    }

    @Test func silenceIsNilAfterTheTimeout() async throws {
        try await withPair { _, far, probe in
            _ = try await far.run("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
            let started = ContinuousClock.now
            #expect(try await probe.ping(try address("10.9.0.2"), from: nil, timeout: .milliseconds(200)) == nil)
            #expect(ContinuousClock.now - started >= .milliseconds(200))
        }
    }

    @Test func manyAtOnceShareTheSocketAndNoneMistakesAnothersReply() async throws {
        try await withPair { _, far, probe in
            _ = try await far.run("for i in $(seq 100 149); do ip addr add 10.9.0.$i/32 dev eth0; done")
            let answered = await withTaskGroup(of: (Int, Bool).self) { group in
                for host in 50..<150 {
                    group.addTask {
                        let trip = try? await probe.ping(
                            IPAddress("10.9.0.\(host)") ?? IPAddress(v4: 0), from: nil, timeout: .seconds(2))
                        return (host, trip != nil)
                    }
                }
                return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
            }
            for host in 50..<150 { #expect(answered[host] == (host >= 100), "10.9.0.\(host)") }
        }
    }

    @Test func whatCannotBeSentSaysWhy() async throws {
        try await withPair { _, _, probe in
            let unreachable = await #expect(throws: ProbeError.self) {
                try await probe.ping(try address("203.0.113.1"), from: nil, timeout: .seconds(1))
            }
            #expect(unreachable?.description.contains("no route") == true)
            let source = await #expect(throws: ProbeError.self) {
                try await probe.ping(
                    try address("10.9.0.2"), from: try address("192.0.2.200"), timeout: .seconds(1))
            }
            #expect(source?.description.contains("an address of this host") == true, "\(String(describing: source))")
            await #expect(throws: ProbeError.self) {
                try await probe.ping(try address("10.9.0.2"), from: try address("fd09::1"), timeout: .seconds(1))
            }
        }
    }

    @Test func cancellingEndsTheWait() async throws {
        try await withPair { _, far, probe in
            _ = try await far.run("echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
            let destination = try address("10.9.0.2")
            let started = ContinuousClock.now
            let task = Task { try await probe.ping(destination, from: nil, timeout: .seconds(60)) }
            task.cancel()
            #expect(try await task.value == nil)
            #expect(ContinuousClock.now - started < .seconds(10))
        }
    }

    @Test func aReplyWithAnotherNonceOrChecksumIsNotOurs() throws {
        let message = EchoMessage(identifier: 7, sequence: 9, nonce: [UInt8](repeating: 5, count: 16))
        #expect(message.request(.v4).prefix(8) == [8, 0, 0xcf, 0xc7, 0, 7, 0, 9])
        var reply: [UInt8] = [0, 0, 0, 0, 0, 7, 0, 9] + message.nonce
        reply.replaceSubrange(2..<4, with: internetChecksum(reply).networkBytes)
        let header = [0x45] + [UInt8](repeating: 0, count: 19)
        #expect(EchoMessage(reply: (header + reply)[...], .v4) == message)
        reply[10] ^= 1
        #expect(EchoMessage(reply: (header + reply)[...], .v4) == nil)
        #expect(EchoMessage(reply: (header + reply.dropLast())[...], .v4) == nil)
        #expect(EchoMessage(reply: [0x4f, 0], .v4) == nil)
        #expect(EchoMessage(reply: [], .v6) == nil)
        #expect(EchoMessage(reply: ([129, 0, 0, 0, 0, 7, 0, 9] + message.nonce)[...], .v6) == message)
        #expect(EchoMessage(reply: ([128, 0, 0, 0, 0, 7, 0, 9] + message.nonce)[...], .v6) == nil)
    }
}
