internal import ControlAPI
internal import Foundation
internal import HostState
internal import NetAddress
internal import Podman
internal import Reconciler
internal import WireGuard

/// Paths and traffic, for `wgctl check` and `wgctl top`.
extension DaemonControl {
    func paths() async -> PathList {
        let lister = PathLister(state: parts.board.facts, localNode: parts.options.node)
        var namespaces: [String: String] = [:]
        for (name, id) in lister.running.sorted(by: { $0.key < $1.key }) {
            // A container that ends meanwhile, or a Podman that hangs, is reported as a container that is not running.
            namespaces[name] = try? await parts.podman.networkNamespace(of: name, id: id)
        }
        return lister.list(namespaces: namespaces)
    }

    func traffic() async -> TrafficReport {
        let reading = await readings.reading()
        var report = TrafficReport(node: parts.options.node, readAt: reading.takenAt.timeIntervalSince1970)
        for device in parts.board.facts.desired.kernel.devices {
            switch reading.devices[device.interface] {
            case .success(let live):
                report.peers += device.peers.compactMap { peer in
                    live.peers[peer.publicKey].map { live in
                        TrafficReport.Peer(
                            node: peer.node, overlay: device.overlay, interface: device.interface,
                            endpoint: live.endpoint?.description,
                            latestHandshake: live.latestHandshake > 0 ? live.latestHandshake : nil,
                            receivedBytes: live.receivedBytes, transmittedBytes: live.transmittedBytes)
                    }
                }
            case .failure(let error): report.errors.append("\(error)")
            case nil: report.errors.append("\(device.interface): there is no such device yet")
            }
        }
        report.peers.sort { ($0.overlay, $0.node) < ($1.overlay, $1.node) }
        return report
    }
}
