import Glibc
import NetAddress
import Synchronization
import TestSupport
import Testing

@testable import Probes

/// Requests that nobody waits for, over a veth between two namespaces.
@Suite(.serialized) struct EchoBatchTests {
    private final class Replies: Sendable {
        let all = Mutex<[EchoBatch.Reply]>([])

        func wait(for count: Int) async throws -> [EchoBatch.Reply] {
            for _ in 0..<1000 {
                let replies = all.withLock { $0 }
                if replies.count >= count { return replies }
                try await Task.sleep(for: .milliseconds(10))
            }
            return all.withLock { $0 }
        }
    }

    private func request(_ number: UInt32, _ destination: String, from source: String) throws -> EchoBatch.Request {
        EchoBatch.Request(
            number: number, destination: try #require(IPAddress(destination)), source: try #require(IPAddress(source)))
    }

    private func withPair(_ body: (TestHost, TestHost, EchoBatch, Replies) async throws -> Void) async throws {
        let (near, far) = (try TestHost(), try TestHost())
        defer {
            near.remove()
            far.remove()
        }
        try connect(near, far)
        let replies = Replies()
        let batch = try await near.run { EchoBatch { new in replies.all.withLock { $0 += new } } }
        try await body(near, far, batch, replies)
    }

    @Test func repliesCarryTheNumberAndTheSender() async throws {
        try await withPair { near, _, batch, replies in
            let requests = [
                try request(7, "10.9.0.2", from: "10.9.0.1"), try request(70_000, "fd09::2", from: "fd09::1"),
                try request(.max, "10.9.0.2", from: "10.9.0.1"),
            ]
            #expect(batch.send(requests).isEmpty)
            let found = try await replies.wait(for: 3)
            #expect(
                Set(found.map { "\($0.number) \($0.sender)" }) == [
                    "7 10.9.0.2", "70000 fd09::2", "\(UInt32.max) 10.9.0.2",
                ])
            // Another program's replies are not ours.
            try await near.run("ping -qc 2 -i 0.2 10.9.0.2 >/dev/null")
            _ = batch.send([try request(8, "10.9.0.2", from: "10.9.0.1")])
            #expect(try await replies.wait(for: 4).count == 4)
        }
    }

    @Test func theSourceAddressIsTheOneAskedFor() async throws {
        try await withPair { near, far, batch, replies in
            _ = try await near.run("ip addr add 10.9.0.77/32 dev eth0; ip addr add fd09::77/128 dev eth0 nodad")
            // Only the second addresses have a way back, so that the right source is what makes the answer arrive.
            _ = try await far.run(
                "ip addr flush dev eth0; ip addr add 10.9.0.2/32 dev eth0; ip route add 10.9.0.77 dev eth0;"
                    + "ip addr add fd09::2/128 dev eth0 nodad; ip -6 route add fd09::77 dev eth0")
            let requests = [
                try request(1, "10.9.0.2", from: "10.9.0.77"), try request(2, "fd09::2", from: "fd09::77"),
            ]
            #expect(batch.send(requests).isEmpty)
            #expect(Set(try await replies.wait(for: 2).map(\.number)) == [1, 2])
        }
    }

    @Test func whatCannotBeSentSaysWhy() async throws {
        try await withPair { _, _, batch, replies in
            let failed = batch.send([
                try request(1, "203.0.113.1", from: "10.9.0.1"), try request(2, "10.9.0.2", from: "192.0.2.200"),
                try request(3, "10.9.0.2", from: "fd09::1"), try request(4, "10.9.0.2", from: "10.9.0.1"),
            ])
            #expect(failed.map(\.number) == [1, 2, 3])
            #expect(failed.first?.code == ENETUNREACH && failed.last?.code == EAFNOSUPPORT)
            #expect(try await replies.wait(for: 1).map(\.number) == [4])
        }
    }

    @Test func whatIsNotOurReplyHasNoNumber() {
        let stamp = EchoStamp(identifier: 7, secret: 0x0102_0304_0506_0708)
        func number(_ bytes: [UInt8]) -> UInt32? { bytes.withUnsafeBytes { stamp.number(in: $0, .v6) } }
        let reply: [UInt8] = [129, 0, 0, 0, 0, 7, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 2, 0, 0, 0, 0]
        #expect(number(reply) == 258)
        for (index, value) in [(0, 128), (1, 1), (5, 8), (9, 9)] as [(Int, UInt8)] {
            var other = reply
            other[index] = value
            #expect(number(other) == nil)
        }
        #expect(number(reply.dropLast()) == nil && number([]) == nil)
        // IPv4 has its header in front, and a checksum.
        func number4(_ bytes: [UInt8]) -> UInt32? { bytes.withUnsafeBytes { stamp.number(in: $0, .v4) } }
        let header: [UInt8] = [0x45] + [UInt8](repeating: 0, count: 19)
        var message = reply
        message[0] = 0
        message.replaceSubrange(2..<4, with: internetChecksum(message).networkBytes)
        #expect(number4(header + message) == 258)
        message[20] ^= 1
        #expect(number4(header + message) == nil)
        #expect(number4([0x4f]) == nil && number4([]) == nil)
    }
}
