import ControlAPI
import Foundation
import NetAddress
import Probes
import ReferenceLiterals
import Testing

@testable import Commands

/// Four other nodes on two overlays, as host-a sees them, and two containers of its own.
func pathList() throws -> PathList {
    func peer(_ number: Int, _ name: String, endpoint: String? = nil, container: String? = nil) throws -> PathList.Peer
    {
        PathList.Peer(
            node: name, overlay: "overlay-net", endpoint: endpoint, addresses: [try address("10.0.0.\(number)")],
            containers: try container.map { [.init(name: $0, addresses: [try address("10.0.0.\(number * 10)")])] } ?? []
        )
    }
    var laptop = try peer(5, "laptop")
    laptop.noPath = "neither host-a nor laptop has an endpoint: give one of them one"
    let six = PathList.Peer(
        node: "host-b", overlay: "six", endpoint: "[fd01::20]:51821", addresses: [try address("fd00::2")])
    return PathList(
        node: "host-a",
        overlays: [
            .init(name: "overlay-net", interface: "wg0", listenPort: 51820, addresses: [try address("10.0.0.1")]),
            .init(
                name: "six", interface: "wg1", listenPort: 51821,
                addresses: [try address("10.1.0.1"), try address("fd00::1")]),
        ],
        peers: [
            try peer(2, "host-b", endpoint: "192.168.1.20:51820", container: "pod-b"),
            try peer(3, "host-c", endpoint: "vpn.example.org:51820"), try peer(4, "host-d"), laptop, six,
        ],
        origins: [
            .init(
                container: "pod-a", overlay: "overlay-net", addresses: [try address("10.0.0.10")],
                networkNamespace: "/run/netns/netns-a")
        ],
        unprobed: [.init(container: "pod-x", overlays: ["overlay-net"], reason: "does not run")])
}

/// An answer to every echo, and packets of 1420 bytes pass.
func healthy() -> PathProbe.Measurement {
    var measurement = PathProbe.Measurement()
    measurement.sent = 3
    measurement.roundTrips = [.microseconds(2412), .microseconds(520), .microseconds(480)]
    measurement.mtu = .init(promised: 1420, carried: 1420)
    return measurement
}

func silent() -> PathProbe.Measurement {
    var measurement = PathProbe.Measurement()
    measurement.sent = 3
    return measurement
}

func counters(
    _ node: String, endpoint: String? = "192.168.1.20:51820", handshake: Double? = 3, received: UInt64 = 1000
) -> TrafficReport.Peer {
    TrafficReport.Peer(
        node: node, overlay: "overlay-net", interface: "wg0", endpoint: endpoint,
        latestHandshake: handshake.map { Int64(ago($0).timeIntervalSince1970) }, receivedBytes: received)
}
