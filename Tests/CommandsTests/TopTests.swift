import ControlAPI
import Foundation
import JSON
import TestSupport
import Testing

@testable import Commands

/// Rates of two readings, and how they look.
struct TopTests {
    static func reading(at seconds: Double, _ peers: [(String, received: UInt64, transmitted: UInt64)]) -> TrafficReport
    {
        TrafficReport(
            node: "host-a", readAt: now.timeIntervalSince1970 + seconds,
            peers: peers.map { name, received, transmitted in
                TrafficReport.Peer(
                    node: name, overlay: "overlay-net", interface: "wg0", endpoint: "192.168.1.20:51820",
                    latestHandshake: Int64(ago(43).timeIntervalSince1970), receivedBytes: received,
                    transmittedBytes: transmitted)
            })
    }

    private func sample(by order: TrafficSample.Order = .rate) -> TrafficSample {
        let before = Self.reading(
            at: -2, [("host-b", 1000, 500), ("host-c", 9_000_000, 9_000_000), ("host-d", 70000, 70000)])
        let after = Self.reading(
            at: 0,
            [
                ("host-b", 4_195_304, 2500), ("host-c", 9_000_000, 9_003_000), ("host-d", 600, 4096),
                ("host-e", 800, 900),
            ])
        return TrafficSample(from: before, to: after, by: order)
    }

    @Test func ratesAreDifferencesOverTime() throws {
        let peers = Dictionary(uniqueKeysWithValues: sample().peers.map { ($0.node, $0) })
        #expect(peers["host-b"]?.receivedPerSecond == 2_097_152 && peers["host-b"]?.transmittedPerSecond == 1000)
        #expect(peers["host-d"]?.receivedPerSecond == 300, "a device that was made anew counts from zero")
        #expect(peers["host-e"]?.receivedPerSecond == nil, "nobody knows when this one came")
        let backwards = TrafficSample(
            from: Self.reading(at: 0, [("host-b", 1, 1)]), to: Self.reading(at: -5, [("host-b", 9, 9)]), by: .rate)
        #expect(backwards.peers[0].receivedPerSecond == nil)
    }

    @Test(arguments: [
        (TrafficSample.Order.rate, "host-b host-d host-c host-e"), (.rx, "host-b host-d host-c host-e"),
        (.tx, "host-d host-c host-b host-e"), (.total, "host-c host-b host-d host-e"),
        (.node, "host-b host-c host-d host-e"),
    ])
    func theLargestComesFirst(_ order: TrafficSample.Order, _ expected: String) {
        #expect(sample(by: order).peers.map(\.node).joined(separator: " ") == expected)
    }

    @Test func tableAndDocument() throws {
        try expectGolden(sample().lines().map { $0 + "\n" }.joined(), "Golden/top.txt")
        try expectGolden(try Rendering.text(try JSONValue(encoding: sample()), .json), "Golden/top.json")
    }
}
